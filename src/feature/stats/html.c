/* What the statistics page looks like. */
#include "html.h"

#include <stddef.h>

const struct html_column html_columns[] = {
	{ "Queue", "Cur", "qcur", NULL }, { "Queue", "Max", "qmax", NULL }, { "Queue", "Limit", "qlimit", NULL },
	{ "Session rate", "Cur", "rate", NULL }, { "Session rate", "Max", "rate_max", NULL },
	{ "Session rate", "Limit", "rate_lim", NULL },
	{ "Sessions", "Cur", "scur", NULL }, { "Sessions", "Max", "smax", NULL }, { "Sessions", "Limit", "slim", NULL },
	{ "Sessions", "Total", "stot", NULL }, { "Sessions", "LbTot", "lbtot", NULL }, { "Sessions", "Last",
	            "lastsess", "s" },
	{ "Bytes", "In", "bin", NULL }, { "Bytes", "Out", "bout", NULL },
	{ "Denied", "Req", "dreq", NULL }, { "Denied", "Resp", "dresp", NULL },
	{ "Errors", "Req", "ereq", NULL }, { "Errors", "Conn", "econ", NULL }, { "Errors", "Resp", "eresp", NULL },
	{ "Warnings", "Retr", "wretr", NULL }, { "Warnings", "Redis", "wredis", NULL },
	{ "Server", "Status", NULL, NULL }, { "Server", "LastChk", "check_status", NULL }, { "Server", "Wght",
	            "weight", NULL },
	{ "Server", "Act", "act", NULL }, { "Server", "Bck", "bck", NULL }, { "Server", "Chk", "chkfail", NULL },
	{ "Server", "Dwn", "chkdown", NULL }, { "Server", "Dwntme", "downtime", "s" }, { "Server", "Thrtle",
	            "throttle", NULL },
	{ NULL, NULL, NULL, NULL },
};

const char html_style[] =
	":root{color-scheme:light "
	"dark;--line:#8884;--soft:#8882;--up:#2a9d5c;--down:#d1495b;--warn:#e09f3e;--off:#8888}"
	"body{font:13px/1.45 system-ui,sans-serif;margin:1.2rem 1.6rem}"
	"h1{font-size:1.5rem;margin:0}h1 small{font-weight:400;opacity:.7;font-size:1rem}"
	"h2{font-size:1.05rem;margin:1.6rem 0 .4rem}h2 a{color:inherit;text-decoration:none}h2 "
	"small{font-weight:400;opacity:.7}"
	"dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:.1rem 1.5rem;margin:.8rem 0}"
	"dl div{display:flex;justify-content:space-between;border-bottom:1px solid "
	"var(--soft)}dd{margin:0}dt{opacity:.75}"
	"nav a{margin-right:1rem}.scroll{overflow-x:auto}"
	"table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}"
	"th,td{padding:.15rem .45rem;text-align:right;white-space:nowrap;border-bottom:1px solid var(--soft)}"
	"thead th{font-weight:600;text-align:center;border-bottom:1px solid var(--line)}"
	"tbody th,td.t{text-align:left}tbody th{font-weight:600}"
	"tr.frontend,tr.backend{background:var(--soft)}tr.listener{opacity:.85}"
	"td.st::before{content:'';display:inline-block;width:.65em;height:.65em;border-radius:50%;"
	"margin-right:.4em;background:var(--off)}"
	"tr.up td.st::before{background:var(--up)}tr.down td.st::before{background:var(--down)}"
	"tr.turning td.st::before,tr.drain td.st::before{background:var(--warn)}"
	"[title]{text-decoration:underline dotted;text-underline-offset:.2em;cursor:help}"
	".note{padding:.4rem .8rem;border-left:3px solid var(--warn);background:var(--soft);margin:.8rem 0}"
	"form .act{margin:.4rem 0}footer{margin-top:1.6rem;opacity:.7}";
