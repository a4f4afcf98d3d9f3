"""What is kept of people and for how long: retention, holds, export and erasure."""
