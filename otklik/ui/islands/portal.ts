/** Customers' pages, sign-in and set-up: they work without this, only less smoothly. */
import "./live";
import "./shared";
import "./framed";
