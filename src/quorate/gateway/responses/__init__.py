"""What clients of OpenAI's responses ask beyond one answer: to go on from an earlier one, to see it, to stop it."""
