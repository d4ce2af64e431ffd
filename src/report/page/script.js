const all=(what,within=document)=>[...within.querySelectorAll(what)];
for(const [id,open] of [['open',true],['close',false]]){const b=document.getElementById(id);if(b)b.onclick=()=>all('details').forEach(d=>d.open=open)}
// Paper shows everything.
let folded=[];
addEventListener('beforeprint',()=>{folded=all('details:not([open])');folded.forEach(d=>d.open=true)});
addEventListener('afterprint',()=>folded.forEach(d=>d.open=false));
// A link to a section opens it, the second time as well.
const show=hash=>{const d=document.getElementById(hash.slice(1));if(d&&d.tagName=='DETAILS')d.open=true};
addEventListener('hashchange',()=>show(location.hash));
addEventListener('click',e=>{const a=e.target.closest('a[href^="#"]');if(a&&a.hash==location.hash)show(a.hash)});
show(location.hash);
// A picture that is wider than the screen scrolls, by the keyboard too.
const scrollable=()=>all('figure').forEach(f=>f.scrollWidth>f.clientWidth?f.tabIndex=0:f.removeAttribute('tabindex'));
addEventListener('resize',scrollable);
document.addEventListener('toggle',scrollable,true);
scrollable();
// The wells of a map: what is known of one stands below the map, by pointer, by touch, and by the arrow keys.
all('.told').forEach(t=>t.hidden=false);
const tell=well=>{well.closest('.plate-map').querySelector('.told').textContent=well.title||'Not used.'};
const goTo=(map,well)=>{all('td[tabindex="0"]',map).forEach(w=>w.tabIndex=-1);well.tabIndex=0;well.focus()};
const STEPS={ArrowLeft:[0,-1],ArrowRight:[0,1],ArrowUp:[-1,0],ArrowDown:[1,0],Home:[0,-99],End:[0,99]};
for(const event of ['focusin','click'])addEventListener(event,e=>{const well=e.target.closest('.map td');if(well)tell(well)});
addEventListener('keydown',e=>{
const well=e.target.closest('.map td'),step=STEPS[e.key];
if(!well||!step||e.altKey||e.ctrlKey||e.metaKey)return;
e.preventDefault();
const rows=[...well.closest('tbody').rows],within=(at,last)=>Math.max(0,Math.min(at,last));
const row=rows[within(rows.indexOf(well.parentNode)+step[0],rows.length-1)];
goTo(well.closest('.map'),row.cells[within(well.cellIndex+step[1],row.cells.length-1)||1]);
});
