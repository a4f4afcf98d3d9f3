"""What phones send, each app in its own protocol, as readings; and the answer that each app needs. Pure."""
