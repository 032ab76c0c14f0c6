#include "server/status_page/page_frame.h"

namespace mlp {

// Each colour is named once for light mode and once for dark mode. u1 to u5 and d1 to d5 are cells
// above and below their reference, n1 to n5 are cells without one, and 0 of each is calm. In dark
// mode, further means lighter.
absl::string_view PageStyle() {
  return R"css(
:root{color-scheme:light dark;--page:#f6f7f8;--card:#fff;--ink:#1b2025;--soft:#57606a;--line:#dfe3e7;
--link:#1857b0;--good:#17703f;--good-bg:#e3f4ea;--bad:#a81f17;--bad-bg:#fdeceb;--wait:#7a5200;--wait-bg:#fff3d6;
--bar:#7189a4;--calm:#c9d1d9;--ground:#eef1f3;--mark:#6b7480;
--u1:#f3c27c;--u2:#eba048;--u3:#dc6f20;--u4:#b93d17;--u5:#7d1b10;
--d1:#a8c8ea;--d2:#73a6dd;--d3:#3e81c8;--d4:#1e5ea7;--d5:#113e77;
--n1:#b9c3cd;--n2:#98a6b4;--n3:#74869a;--n4:#52667c;--n5:#32465b}
@media(prefers-color-scheme:dark){:root{--page:#111417;--card:#191d21;--ink:#e6e9ec;--soft:#a1abb5;--line:#2c3238;
--link:#82b4f7;--good:#6fd39b;--good-bg:#12301f;--bad:#ff9489;--bad-bg:#3a1815;--wait:#f0c060;--wait-bg:#36290b;
--bar:#7f98b4;--calm:#4b5560;--ground:#20262b;--mark:#8f99a4;
--u1:#6d4a1a;--u2:#985d1c;--u3:#d07a24;--u4:#f2a03f;--u5:#ffd09b;
--d1:#1f4166;--d2:#265c93;--d3:#3e83c8;--d4:#73aeea;--d5:#bcdafb;
--n1:#46525d;--n2:#5a6976;--n3:#748592;--n4:#97a7b3;--n5:#c3ced6}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1200px;padding:0 20px 48px;background:var(--page);color:var(--ink);
font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums}
a{color:var(--link)}a:focus-visible,summary:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:3px}
small{font-size:12px;color:var(--soft)}code{font:13px/1.4 ui-monospace,"DejaVu Sans Mono",monospace;background:var(--ground);
padding:1px 5px;border-radius:4px;overflow-wrap:anywhere}
h1{font-size:24px;line-height:1.25;margin:20px 0 6px;display:flex;flex-wrap:wrap;gap:6px 10px;align-items:center;overflow-wrap:anywhere}
h1.head{flex-wrap:nowrap}.urgent{margin:0 0 4px;padding-left:20px;overflow-wrap:anywhere}h2{font-size:17px;margin:32px 0 10px}h3{font-size:15px;margin:0}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.top{display:flex;flex-wrap:wrap;gap:4px 12px;align-items:center;padding:14px 0 10px;border-bottom:1px solid var(--line);
color:var(--soft);font-size:13px}.top .space{flex:1}.top nav{display:flex;flex-wrap:wrap;gap:4px 14px}
.brand{font-weight:700;font-size:16px;color:var(--ink);text-decoration:none}
#stale{background:var(--bad-bg);color:var(--bad);padding:8px 12px;border-radius:8px;font-weight:600}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px;margin:0}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:14px}
.empty{color:var(--soft);margin:8px 0}.far{color:var(--bad)}.tick{color:var(--good)}
.version{color:var(--soft);font-weight:400}
.state,.tag,.chip{font-size:12px;font-weight:600;border-radius:99px;padding:1px 9px;white-space:nowrap}
.state{display:inline-block;overflow-wrap:anywhere;white-space:normal;border-radius:10px}
.good{color:var(--good);background:var(--good-bg)}.bad{color:var(--bad);background:var(--bad-bg)}
.wait{color:var(--wait);background:var(--wait-bg)}
.tag{margin-right:6px;white-space:normal;overflow-wrap:anywhere;max-width:100%;color:var(--soft);border:1px solid var(--line);font-weight:400}h1 .tag{margin:0}
.chip{color:var(--wait);background:var(--wait-bg)}
.big{font-size:19px;font-weight:600;white-space:nowrap}.models .big{font-size:17px}
.finding{margin:0;padding:9px 12px;background:var(--bad-bg);border-left:4px solid var(--bad);border-radius:6px;overflow-wrap:anywhere}
.finding>span{color:var(--bad)}.finding.none{background:var(--good-bg);border-color:var(--good)}.finding.none>span{color:var(--good)}.finding.unsure{background:var(--card);border-color:var(--bar)}
.findings{list-style:none;margin:0;padding:0;display:grid;gap:6px}.findings li:first-child{font-weight:600}
.advice{margin:8px 0 0;padding:9px 12px;background:var(--card);border:1px solid var(--line);border-left:4px solid var(--bar);border-radius:6px;
overflow-wrap:anywhere}.advice.bad{border-left-color:var(--bad);color:inherit}
.about{margin:0;color:var(--soft);overflow-wrap:anywhere}
.versions{display:flex;flex-wrap:wrap;gap:4px 12px;margin-top:6px;font-size:13px;color:var(--soft)}
.versions [aria-current]{color:var(--ink);font-weight:700;text-decoration:none}
svg{display:block;width:100%}svg text{fill:var(--soft);font-size:12px}
.spark{height:26px;margin-top:4px}.spark path{fill:none;vector-effect:non-scaling-stroke}
.spark .area{fill:var(--ground)}.spark .line{stroke:var(--bar);stroke-width:1.6}.spark .fainter{stroke:var(--n1);stroke-width:1.2}
.spark .limit{stroke:var(--bad);stroke-width:1;stroke-dasharray:3 3}.spark .none{stroke:var(--calm);stroke-dasharray:2 4}
.models{width:100%;border-collapse:separate;border-spacing:0;margin-top:12px;background:var(--card);border:1px solid var(--line);border-radius:10px}
.models thead th{position:sticky;top:0;z-index:1;background:var(--card);font-size:12px;font-weight:600;color:var(--soft);text-align:left;
padding:8px 12px;border-bottom:1px solid var(--line);border-radius:10px 10px 0 0}
.models tbody th,.models td{vertical-align:top;text-align:left;padding:12px 12px 10px}
.models tbody+tbody tr:first-child>*{border-top:1px solid var(--line)}
.models tbody th{font-size:15px;overflow-wrap:anywhere;min-width:150px;max-width:260px}
.models tbody th .tag{display:inline-block}.models td:not([colspan]){min-width:110px;width:15%}.models td:nth-child(4):not([colspan]){width:21%}
.models td small{display:block}.models td .big~small{display:inline}.models td .reasons,.tiles .reasons{display:block!important;margin-top:2px}
.models tr.finding td{padding:0 12px 12px;background:none}.models tr.finding{background:none;border:0}
.models tr.finding td>span{color:var(--bad)}.models tr.finding td small{display:inline}
.attention>tr:first-child>th{box-shadow:inset 4px 0 var(--bad)}.attention>tr.finding>td{box-shadow:inset 4px 0 var(--bad)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,210px),1fr));gap:14px;margin:0}.tiles>div{min-width:0}
.tiles dt{font-size:12px;font-weight:600;color:var(--soft)}.tiles dd{margin:0}.tiles .spark{height:40px}
.legend,.marks{list-style:none;display:flex;flex-wrap:wrap;gap:4px 20px;margin:0 0 8px;padding:0;font-size:12px;color:var(--soft)}
.legend li{display:flex;align-items:center;gap:7px}.swatches{width:78px;flex:none}
.sign{fill:var(--ink);color:var(--ink);font-size:11px}.sign.alarm{fill:var(--bad);color:var(--bad)}
.layer{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px 16px 10px;margin-bottom:10px;scroll-margin-top:44px}
.layer header{display:flex;flex-wrap:wrap;gap:2px 10px;align-items:baseline;margin-bottom:6px;overflow-wrap:anywhere}
.kind{color:var(--soft);font-size:13px}
.glossary dt{font-weight:600}.glossary dd{margin:0 0 8px;max-width:75ch}
.track{display:grid;grid-template-columns:48px 1fr 150px;gap:12px;align-items:center;margin-bottom:3px;font-size:13px}
.track .k{color:var(--soft);font-size:12px;text-align:right}.track .v{white-space:nowrap}.track small{display:inline-block}
.times{position:sticky;top:0;z-index:1;background:var(--page);padding:4px 17px 0;margin:0;color:var(--soft)}
.times.low{padding-left:199px}.times .v{align-self:end;font-size:12px}.axis{overflow:visible}.tick{stroke:var(--mark)}
.strip .ground{fill:var(--ground)}.strip .mark{stroke:var(--mark);stroke-width:1;stroke-dasharray:2 2}
.u0,.d0,.n0{fill:var(--calm)}.u1{fill:var(--u1)}.u2{fill:var(--u2)}.u3{fill:var(--u3)}.u4{fill:var(--u4)}.u5{fill:var(--u5)}
.d1{fill:var(--d1)}.d2{fill:var(--d2)}.d3{fill:var(--d3)}.d4{fill:var(--d4)}.d5{fill:var(--d5)}
.n1{fill:var(--n1)}.n2{fill:var(--n2)}.n3{fill:var(--n3)}.n4{fill:var(--n4)}.n5{fill:var(--n5)}
.compact{padding:7px 16px;margin-bottom:4px;display:grid;grid-template-columns:170px 1fr;gap:0 12px}
.compact header,.compact details:not([open]){grid-column:1;margin:0}.compact .track{line-height:1.1;margin-bottom:2px}
.compact>div{grid-column:2;grid-row:1/span 2}.compact details[open]{grid-column:1/-1}
details{margin-top:4px}summary{cursor:pointer;color:var(--link);font-size:13px;width:max-content}
.more{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,330px),1fr));gap:8px 28px;margin:10px 0 6px}
.figures{border-collapse:collapse;width:100%;align-self:start;font-size:13px}.figures th{font-weight:400;text-align:left;color:var(--soft)}
.figures thead th{font-size:12px}.figures td,.figures thead th:not(:first-child){text-align:right}.figures tbody>tr>*{border-top:1px solid var(--line);padding:3px 0}
figure{margin:0}figcaption{font-weight:600;font-size:13px;margin-bottom:6px}figcaption span{display:block;font-weight:400;font-size:12px;color:var(--soft)}
.card figcaption{font-size:15px}.chart{max-width:430px}.chart text{font-size:11px}.chart .bar,.hbar .bar{fill:var(--bar)}.chart .tailed{fill:var(--u3)}
.hatch{stroke:var(--u2);stroke-width:1.2;opacity:.55}.floor{stroke:var(--mark);fill:none}
.curve{fill:none;stroke:var(--ink);stroke-width:1.8}
.moved{border-collapse:collapse;width:100%;font-size:13px}.moved caption,.rows{text-align:left;color:var(--soft);font-size:12px;padding:2px 0 6px;margin:0}
.moved th{font-weight:400;text-align:left;overflow-wrap:anywhere;padding-right:10px;max-width:160px}.moved td{padding:2px 0 2px 8px;text-align:right;white-space:nowrap}
.moved td:nth-child(2){width:55%}.hbar{background:var(--ground);border-radius:2px}.hbar line{stroke:var(--mark)}.hbar .reference{stroke:var(--ink);stroke-width:2}
.furthest{margin:0 0 8px}
@media(max-width:760px){body{padding:0 12px 32px}h1{font-size:21px}
.models,.models tbody,.models tr,.models th,.models td{display:block}.models{background:none;border:0}.models thead{display:none}
.models tbody{background:var(--card);border:1px solid var(--line);border-radius:10px;margin-bottom:10px;overflow:hidden}
.models tbody tr:first-child{display:grid;grid-template-columns:1fr 1fr}.models tbody th{grid-column:1/-1;max-width:none;padding-bottom:0}
.models td:not([colspan]):nth-child(n){width:auto;min-width:0}.models tbody+tbody tr:first-child>*{border-top:0}
.models td[data-name]::before{content:attr(data-name);display:block;font-size:12px;color:var(--soft)}
.models td[data-name=state]{grid-column:1/-1;padding-bottom:0}.models td[data-name=state]::before{content:none}.models td[data-name=state] small{display:inline;margin-left:8px}
.track{grid-template-columns:38px 1fr 74px;gap:7px}.track .v{white-space:normal;line-height:1.1;font-size:12px}.layer{padding:10px}.tiles{grid-template-columns:1fr 1fr;gap:8px}.tiles .card{padding:10px}.tiles .big{font-size:17px}.tiles .spark{height:30px}
.times,.times.low{padding:4px 11px 0}.compact{display:block}.compact .track{margin-bottom:3px}.moved td:nth-child(2){width:35%}}
)css";
}

}  // namespace mlp
