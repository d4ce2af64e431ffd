// An address that is opened where this page stands already only changes its key.
addEventListener('hashchange',()=>location.reload());
const key=location.hash.slice(1);
if(key)history.replaceState(null,'',location.pathname);
const say=text=>document.getElementById('said').textContent=text;
if(!key)say('Open the address that the terminal printed: it has a key in it, which opens the study once. For another browser the terminal prints a new address.');
else fetch('/session',{method:'POST',body:key}).then(answer=>answer.ok?location.replace('/'):
say('This key was used already or is of another run. Open the address that the terminal printed last.'),()=>say('The review has ended: start it again in the terminal.'));
