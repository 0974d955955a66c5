import "app-common/web/style.css";
import "./page.css";
import { render } from "preact";
import { App } from "./app.js";

render(<App />, document.getElementById("page") as HTMLElement);
