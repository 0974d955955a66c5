// The one place above the devices that names a backend: the package works alone because the CPU registers itself here.
import "@kindling/backend-cpu";
