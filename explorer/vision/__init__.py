"""What the network says: classes, boxes, masks."""
