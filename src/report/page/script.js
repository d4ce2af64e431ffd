const every=o=>document.querySelectorAll('details').forEach(d=>d.open=o);
for(const [id,open] of [['open',true],['close',false]]){const b=document.getElementById(id);if(b)b.onclick=()=>every(open)}
let folded=[];
addEventListener('beforeprint',()=>{folded=[...document.querySelectorAll('details:not([open])')];folded.forEach(d=>d.open=true)});
addEventListener('afterprint',()=>folded.forEach(d=>d.open=false));
const show=()=>{const d=document.getElementById(location.hash.slice(1));if(d&&d.tagName=='DETAILS')d.open=true};
addEventListener('hashchange',show);show();
