// What has a key shows it: links are followed, buttons pressed, fields entered; Escape leaves a field.
addEventListener('keydown',e=>{
if(e.altKey||e.ctrlKey||e.metaKey||e.target.closest('input,select,textarea'))return;
const to=document.querySelector(`[data-key="${CSS.escape(e.key)}"]`);
if(!to)return;
e.preventDefault();
const field=to.closest('label')?.control;
field?field.focus():to.click();
});
addEventListener('keydown',e=>{if(e.key=='Escape'&&e.target.matches('input,select'))e.target.blur()});
// The map is walked with the arrow keys; Enter picks the well.
addEventListener('keydown',e=>{if(e.key=='Enter'&&e.target.matches('.map td'))e.target.querySelector('a')?.click()});
// A standard of the picture is the well of the map.
addEventListener('click',e=>{
const point=e.target.closest('[data-well]'),main=document.querySelector('main[data-plate]');
if(point&&main)location=`/plate?id=${encodeURIComponent(main.dataset.plate)}&well=${point.dataset.well}#part`;
});
// What was sent is not sent twice.
addEventListener('submit',e=>{if(e.target.method=='post')setTimeout(()=>e.target.querySelectorAll('button').forEach(b=>b.disabled=true))});
