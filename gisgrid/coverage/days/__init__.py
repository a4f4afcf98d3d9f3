"""What each day comes to: reduced once, kept, and put together for any period."""
