// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/table_html_impl.h"

// Classes: n number, s name that may be cut, m marked row, bar a row of a chart, c0 to c7 its
// colours, map a strip of an arena. --p is the length of a bar in a cell. Colours keep apart for
// the colour-blind too (Okabe and Ito).
const char utvm_html_style[] =
    ":root{--bg:#fff;--fg:#1b1f24;--dim:#5c6670;--line:#d8dee4;--soft:#f4f6f8;--mark:#fff3cd;"
    "--cell:#cfe3f5}\n"
    "@media(prefers-color-scheme:dark){:root{--bg:#14181d;--fg:#e3e7eb;--dim:#98a2ad;"
    "--line:#343b44;--soft:#1d232a;--mark:#4a3d12;--cell:#23435f}}\n"
    "body{margin:0 auto;max-width:76rem;padding:1.5rem;background:var(--bg);color:var(--fg);"
    "font:15px/1.45 system-ui,sans-serif}\n"
    "h1{font-size:1.6rem;margin:0}h2{font-size:1.3rem;margin:2.2rem 0 .4rem;"
    "border-bottom:1px solid var(--line)}h3{font-size:1rem;margin:1.3rem 0 .3rem}\n"
    "nav a{margin-right:1rem;color:inherit}p.note,figcaption{color:var(--dim);font-size:.9rem}\n"
    ".scroll{overflow-x:auto;margin:.3rem 0 1rem}\n"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums}\n"
    "th,td{padding:.15rem .7rem;text-align:left;white-space:nowrap;"
    "border-bottom:1px solid var(--line)}\n"
    "thead th{color:var(--dim);font-weight:600;position:sticky;top:0;background:var(--bg)}\n"
    "tbody tr:hover{background:var(--soft)}tr.m{background:var(--mark);font-weight:600}\n"
    "th.n,td.n{text-align:right}td.s{max-width:22rem;overflow:hidden;text-overflow:ellipsis}\n"
    "td.p{background:linear-gradient(90deg,var(--cell) var(--p),transparent var(--p))}\n"
    "table.facts th{font-weight:400;color:var(--dim)}table.facts td{white-space:normal;"
    "overflow-wrap:anywhere}\n"
    "figure{margin:.6rem 0 1rem}.bar{display:flex;align-items:center;font-size:.85rem;"
    "line-height:1.5}\n"
    ".bar b{flex:0 0 12rem;font-weight:400;overflow:hidden;text-overflow:ellipsis;"
    "white-space:nowrap;padding-right:.6rem;text-align:right}\n"
    ".bar span{flex:1;display:flex;height:.95rem;background:var(--soft)}"
    ".bar i{display:block;height:100%}\n"
    ".bar u{flex:0 0 7rem;text-decoration:none;text-align:right;"
    "font-variant-numeric:tabular-nums}.bar.m b,.bar.m u{font-weight:700}\n"
    ".key i{display:inline-block;width:.8rem;height:.8rem;margin:0 .3rem 0 .9rem;"
    "vertical-align:-.1rem}\n"
    ".c0{background:#0072b2}.c1{background:#e69f00}.c2{background:#cc79a7}.c3{background:#56b4e9}"
    ".c4{background:#009e73}.c5{background:#f0e442}.c6{background:#d55e00}.c7{background:#888}\n"
    ".map{display:flex;width:20rem;height:.95rem;background:var(--soft)}.map i{height:100%}\n"
    "@media(max-width:40rem){.bar b{flex-basis:6rem}.bar u{flex-basis:5.5rem}}\n"
    "@media print{body{max-width:none;font-size:11px}thead th{position:static}"
    ".bar i,.map i,td.p,.key i{print-color-adjust:exact;-webkit-print-color-adjust:exact}}\n";
