"""Follow-up visits (案件回访): what people say of an incident after it was brought to an end."""
