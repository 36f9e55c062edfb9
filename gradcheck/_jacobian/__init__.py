"""Is a matrix of derivatives right, entry by entry? Jacobians, Hessians, and operators with their adjoints."""
