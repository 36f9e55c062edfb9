"""What does the plugin do once a test checks something? Its entry, _gradcheck_pytest.py, loads these when needed."""
