import "@kindling/backend-cpu";
