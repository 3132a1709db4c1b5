"""Pictures as (H, W, 3) uint8 RGB arrays: sources, colour maps, tile sheets, overlays, video and GIF files."""
