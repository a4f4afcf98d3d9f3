/* The API, read from its own description; no validator on another host. */
SwaggerUIBundle({ url: "openapi.json", dom_id: "#docs", validatorUrl: null, tryItOutEnabled: true, onComplete: structure });

/* What Swagger UI leaves to be guessed: that its beginning is a part of the page, and that its groups of operations and of models stand under the title. */
function structure() {
  const beginning = document.querySelector(".information-container");
  beginning.setAttribute("role", "region");
  beginning.setAttribute("aria-label", "gisgrid");
  for (const group of document.querySelectorAll("h3.opblock-tag, .models h4")) group.setAttribute("aria-level", "2");
}
