/** Everything an agent's page needs at once. Heavier things load when the page holds them. */
import "./live";
import "./outside";
import "./panes";
import "./shared";
import "./waiting";
