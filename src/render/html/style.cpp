#include "render/html/markup.hpp"

// One style sheet for all pages, written into each of them. The contrast of every text is 4.5 or more in both
// themes (tests/html/check_page.py).
namespace vramcalc::render::html {

std::string_view style_sheet() {
  return R"css(:root{--bg:#fcfcfb;--panel:#fff;--ink:#17191c;--muted:#565c65;--line:#e3e3df;--soft:#f2f2ef;
--accent:#0b5e55;--great:#18733f;--fits:#1b6594;--tight:#855700;--offload:#8a4b14;--no:#ad2f29;
--part1:#2f4858;--part2:#2a9d8f;--part3:#e0a83a;--part4:#a9afb8;--track:#e6e6e2;color-scheme:light}
@media (prefers-color-scheme:dark){:root:not([data-theme=light]){--bg:#131518;--panel:#1a1d21;--ink:#e9e9e6;
--muted:#a3a9b2;--line:#2c3138;--soft:#20242a;--accent:#6fd3c4;--great:#62d08f;--fits:#74bff0;--tight:#e7b75a;
--offload:#eda673;--no:#ff918a;--part1:#8db4d2;--part2:#46bfae;--part3:#e3bd62;--part4:#6c7480;--track:#2b3037;
color-scheme:dark}}
:root[data-theme=dark]{--bg:#131518;--panel:#1a1d21;--ink:#e9e9e6;--muted:#a3a9b2;--line:#2c3138;--soft:#20242a;
--accent:#6fd3c4;--great:#62d08f;--fits:#74bff0;--tight:#e7b75a;--offload:#eda673;--no:#ff918a;--part1:#8db4d2;
--part2:#46bfae;--part3:#e3bd62;--part4:#6c7480;--track:#2b3037;color-scheme:dark}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-padding-top:1rem}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,
"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}
main,footer,nav.top{max-width:68rem;margin:0 auto;padding:0 1.25rem}
nav.top{display:flex;gap:1.25rem;align-items:center;padding-top:1rem;font-size:.9rem;min-height:3.25rem}
nav.top .brand{font-weight:650;color:var(--ink);text-decoration:none;letter-spacing:-.01em}
nav.top .end{margin-left:auto}
a{color:var(--accent);text-underline-offset:.15em;text-decoration-thickness:.06em}
a:hover{text-decoration-thickness:.12em}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:3px}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;background:var(--panel);padding:.4rem .8rem;z-index:2}
h1{font-size:clamp(1.55rem,4vw,2.1rem);line-height:1.15;letter-spacing:-.02em;margin:.2rem 0 .3rem;font-weight:650;
overflow-wrap:anywhere}
h2{font-size:1.3rem;line-height:1.25;letter-spacing:-.012em;margin:3.25rem 0 .4rem;font-weight:650}
h3{font-size:1rem;margin:1.5rem 0 .2rem;font-weight:650}
p{margin:.4rem 0;max-width:44rem}
.muted,.legend,.reason,.dim,.lead{color:var(--muted)}
.legend,.reason,.note{font-size:.875rem}
.vh{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.great{color:var(--great)}.fits{color:var(--fits)}.tight{color:var(--tight)}.offload{color:var(--offload)}
.no{color:var(--no)}.warning{border-left:3px solid var(--tight);padding:.1rem 0 .1rem .8rem}
.headline{font-size:1.2rem;font-weight:650}
.hero{padding:1.5rem 0 0}
.hero .by{color:var(--muted);margin:0}
main>h1{margin-top:1.5rem}.quick~.warning{margin-top:1rem}
.answer{display:flex;flex-wrap:wrap;gap:.3rem 2.75rem;margin:1.5rem 0 1.1rem;padding:0}
.answer div{min-width:0}
.answer .big{display:block;font-size:clamp(2.5rem,8vw,3.75rem);line-height:1.05;letter-spacing:-.035em;font-weight:650}
.answer .big small{font-size:.42em;letter-spacing:0;font-weight:550;margin-left:.15em}
.answer .then{font-size:clamp(1.5rem,4.5vw,2.1rem);padding-top:.28em;color:var(--muted)}
.answer .of{color:var(--muted);font-size:.95rem}
.stack{display:flex;height:.8rem;border-radius:3px;overflow:hidden;background:var(--track);gap:1px}
.stack i{display:block;min-width:2px}
.part1{background:var(--part1)}.part2{background:var(--part2)}.part3{background:var(--part3)}.part4{background:var(--part4)}
.swatch{display:inline-block;width:.75em;height:.75em;border-radius:2px}
.keys{display:flex;flex-wrap:wrap;gap:.15rem 1.4rem;list-style:none;margin:.55rem 0 0;padding:0;font-size:.9rem}
.keys i{display:inline-block;width:.7em;height:.7em;border-radius:2px;margin-right:.45em}
.keys b{font-weight:600}
.quick{display:grid;grid-template-columns:repeat(auto-fill,minmax(9.8rem,1fr));gap:.6rem;list-style:none;margin:1.6rem 0 0;
padding:0}
.quick li{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:.6rem .8rem .65rem;line-height:1.35}
.quick b{display:block;font-weight:600;font-size:.92rem}
.quick .word{font-weight:600;font-size:.92rem}
.quick .word::before{content:"";display:inline-block;width:.55em;height:.55em;border-radius:50%;background:currentColor;
margin-right:.45em}
.quick small{display:block;color:var(--muted);font-size:.82rem}
dl.facts{columns:5 9.5rem;column-gap:1.5rem;margin:2.2rem 0 0}
dl.facts dt{color:var(--muted);font-size:.82rem;break-after:avoid}
dl.facts dd{margin:0 0 .9rem;font-weight:550;overflow-wrap:anywhere;break-before:avoid}
.scroll{overflow-x:auto;margin:.8rem 0}
table{border-collapse:collapse;width:100%;font-size:.93rem;line-height:1.35}
caption{text-align:left;color:var(--muted);font-size:.875rem;padding:0 0 .5rem}
th,td{padding:.42rem .7rem;text-align:left;border-bottom:1px solid var(--line);vertical-align:baseline;font-weight:400}
th:first-child,td:first-child{padding-left:.2rem}th:last-child,td:last-child{padding-right:.2rem}
table.terms th{white-space:nowrap}
thead td{border-bottom-color:var(--muted)}
thead th{color:var(--muted);font-size:.82rem;font-weight:550;border-bottom-color:var(--muted);white-space:nowrap}
tbody th{font-weight:550}
.figure{text-align:right;white-space:nowrap}
td.note{color:var(--muted)}
thead button{font:inherit;color:inherit;background:none;border:0;padding:.2rem 0;cursor:pointer}
thead button::after{content:"";display:inline-block;width:.9em;text-align:right}
[aria-sort=ascending] button::after{content:"\2191"}[aria-sort=descending] button::after{content:"\2193"}
thead button:hover{color:var(--ink)}
.choose label{cursor:pointer;display:flex;gap:.55rem;align-items:baseline;white-space:nowrap}
.choose input{accent-color:var(--accent);margin:0;position:relative;top:.12em}
html:not(.js) .choose input,html:not(.js) .needs-js{display:none}
.js .choose tbody tr{cursor:pointer}.js .choose tbody tr:hover{background:var(--soft)}
.choose tr.chosen{background:var(--soft);box-shadow:inset 3px 0 var(--accent)}
.choose tr.chosen th:first-child,.choose td:first-child,.choose th:first-child{padding-left:.8rem}
.tag{font-size:.75rem;font-weight:550;color:var(--accent);border:1px solid currentColor;border-radius:99px;
padding:.02rem .45rem;margin-left:.15rem}
.tools{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;margin:.9rem 0 .2rem}
input[type=search],select{font:inherit;color:var(--ink);background:var(--panel);border:1px solid var(--muted);
border-radius:6px;padding:.4rem .65rem;width:min(21rem,100%)}
button.plain{font:inherit;font-size:.88rem;color:var(--accent);background:none;border:1px solid var(--line);border-radius:6px;
padding:.3rem .7rem;cursor:pointer}
button.plain:hover{border-color:currentColor}
.two{display:grid;gap:0 2.5rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));align-items:start}
.devices{table-layout:fixed}
.devices td,.devices th{padding:.34rem .5rem}
.devices .name{width:auto;overflow-wrap:anywhere}.devices .gauge{width:27%}.devices .context{width:22%}
.fast .gauge{width:24%}.fast .context{width:19%}.devices .speed{width:18%}
.devices tr.group>*{padding-top:1.15rem;border-bottom-color:var(--muted);font-weight:650}
.devices tr.group span{color:var(--muted);font-weight:400;font-size:.875rem;margin-left:.4rem}
tbody th a{color:var(--ink);text-decoration-color:var(--part4)}tbody th a:hover{color:var(--accent)}
.gauge small{color:var(--muted);font-size:.8rem;white-space:nowrap}
.meter{display:block;height:.42rem;border-radius:2px;background:var(--track);overflow:hidden;margin-bottom:.15rem}
.meter i{display:block;height:100%;background:currentColor}
.meter.tight,.meter.offload,.meter.no{background:repeating-linear-gradient(115deg,currentColor 0 1px,var(--track) 1px 5px)}
.js .devices tbody:not(.open) tr.rest{display:none}
.js .devices tr.out{display:none!important}
tbody tr.foot td{border-bottom:0}
td.bar{min-width:9rem;width:40%}.track{display:flex;position:relative;height:.7rem;align-self:center}
.track i{display:block}.track b{position:absolute;top:-.2rem;bottom:-.2rem;width:2px;background:var(--ink)}
figure{margin:1rem 0}
svg{display:block;width:100%;height:auto;font-size:12px;overflow:visible}
svg .narrow{display:none}
.chart text{fill:var(--muted);paint-order:stroke;stroke:var(--bg);stroke-width:4px;stroke-linejoin:round}.chart .grid{stroke:var(--line)}.chart .axis{stroke:var(--muted)}
.chart .card{stroke:var(--muted);stroke-dasharray:2 4}.chart .cardname{font-size:11px}
.chart polyline{fill:none;stroke:var(--part4);stroke-width:1.75;stroke-linejoin:round}
.chart polyline.chosen{stroke:var(--accent);stroke-width:3}
.chart text.end{fill:var(--ink)}.chart text.chosen{fill:var(--accent);font-weight:650}
.chart.small{display:none}
.formula{font-size:1.08rem;margin:.8rem 0;max-width:none;line-height:1.9}
.formula span{white-space:nowrap}
.formula b{font-weight:600;border-bottom:3px solid transparent;padding-bottom:.05em}
.formula .sum{font-weight:650}
.qa .all{columns:2 24rem;column-gap:3rem;margin-top:.8rem}.qa .all div{break-inside:avoid;padding-bottom:1.1rem}
.qa h3{margin-top:0}
.list{columns:14rem;column-gap:2rem;list-style:none;padding:0;margin:.8rem 0}
.list li{break-inside:avoid;padding:.12rem 0;overflow-wrap:anywhere}.list small{color:var(--muted)}
pre{background:var(--soft);border:1px solid var(--line);border-radius:6px;padding:.7rem .9rem;overflow-x:auto;font-size:.88rem}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
details{margin:.8rem 0}summary{cursor:pointer;color:var(--accent)}
footer{margin-top:4rem;padding-top:1rem;padding-bottom:2.5rem;color:var(--muted);font-size:.85rem}
footer p{border-top:1px solid var(--line);padding-top:1rem;max-width:none}
@media (max-width:40rem){body{font-size:15.5px}.chart.wide{display:none}.chart.small{display:block}
.devices .gauge{width:33%}h2{margin-top:2.5rem}.hide-narrow{display:none}th,td{padding-left:.35rem;padding-right:.35rem}
.choose tbody th:first-child,.choose thead th:first-child{padding-left:.5rem}.choose label{gap:.35rem}.choose{font-size:.85rem}.choose thead th{font-size:.76rem}
.choose th,.choose td{padding-left:.2rem;padding-right:.2rem}
.tag{display:none}.terms tr{display:grid;grid-template-columns:1fr 6.5rem 6.5rem}.terms thead th:last-child{display:none}
.terms td.note{grid-column:1/-1}.terms tbody th,.terms td.figure{border-bottom:0;padding-bottom:0}dl.facts dd{font-size:.93rem}}
@media print{:root,:root[data-theme]{--bg:#fff;--panel:#fff;--ink:#000;--muted:#444;color-scheme:light}
body{font-size:10.5pt}nav.top,.tools,.needs-js,.choose input,tr.foot,.skip{display:none!important}
main,footer{max-width:none;padding:0}h2,h3{break-after:avoid}h2{margin-top:1.6rem}tr,figure,.quick li{break-inside:avoid}
.devices tr.rest{display:none}a{color:inherit;text-decoration:none}.part1,.part2,.part3,.part4,.meter,.meter i,.stack
{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
)css";
}

}  // namespace vramcalc::render::html
