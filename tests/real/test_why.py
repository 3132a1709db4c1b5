def test_everything(real_window):
    facts = real_window("everything")
    assert facts["first"]["target"] == "espresso"
