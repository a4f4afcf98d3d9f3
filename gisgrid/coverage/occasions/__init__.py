"""The occasions on which a report is wanted, ready to be handed out: 晨会, 例会, 月报, 专项行动, one's own month."""
