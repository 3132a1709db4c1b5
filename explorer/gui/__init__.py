"""The only Qt. Never torch, never cv2."""
