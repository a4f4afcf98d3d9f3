/* The API, read from its own description; no validator on another host. */
SwaggerUIBundle({ url: "openapi.json", dom_id: "#docs", validatorUrl: null, tryItOutEnabled: true });
