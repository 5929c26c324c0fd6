// Starts the vendored viewer of the API's description. No validator elsewhere, nothing loaded from elsewhere.
const place = document.getElementById("api");
window.SwaggerUIBundle({
  url: place.dataset.spec, domNode: place, deepLinking: true, docExpansion: "list", defaultModelsExpandDepth: 0,
  validatorUrl: null, persistAuthorization: false, displayRequestDuration: true,
});
