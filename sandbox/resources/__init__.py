"""The API's resources, one module (or folder) each; every one exports its `ENDPOINTS`."""
