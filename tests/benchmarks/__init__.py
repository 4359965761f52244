"""Programs that measure, side by side with what others do."""
