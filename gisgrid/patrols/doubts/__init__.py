"""What is doubtful, for people: review by staff, objections of patrollers, what was no fix at all."""
