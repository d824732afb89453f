print("vmcp")
