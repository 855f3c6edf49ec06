#include "render/html/markup.hpp"

// The scripts of pages. They show and hide what is in the page; every figure was computed before. A page
// without scripts shows the same for the quantization that it was made for.
namespace vramcalc::render::html {

std::string_view theme_script() {
  return R"js((()=>{'use strict';
const root=document.documentElement;root.classList.add('js');
const keep=(theme)=>{root.dataset.theme=theme;try{localStorage.setItem('theme',theme)}catch{}};
try{const kept=localStorage.getItem('theme');if(kept==='dark'||kept==='light')root.dataset.theme=kept}catch{}
const isDark=()=>root.dataset.theme?root.dataset.theme==='dark':matchMedia('(prefers-color-scheme:dark)').matches;
const button=document.getElementById('theme');
if(button){button.hidden=false;const name=()=>{button.textContent=isDark()?'Light':'Dark';
button.setAttribute('aria-label',isDark()?'Use light colours':'Use dark colours')};name();
button.addEventListener('click',()=>{keep(isDark()?'light':'dark');name()})}
})();
)js";
}

std::string_view model_script() {
  return R"js((()=>{'use strict';
const data=JSON.parse(document.getElementById('figures').textContent);
const all=(css,of=document)=>[...of.querySelectorAll(css)];
const number=(n)=>n.toLocaleString('en-US');
const table=document.getElementById('quantizations');
const devices=all('.devices tr[data-i]').sort((a,b)=>a.dataset.i-b.dataset.i);
const shown=8;

const show=(name,text)=>all(`[data-show="${name}"]`).forEach((e)=>{e.textContent=text});

function fold(tbody){
  const rows=all('tr[data-i]',tbody);
  rows.forEach((row,i)=>row.classList.toggle('rest',i>=shown));
  tbody.hidden=rows.length===0;
  tbody.querySelector('.group span').textContent=number(rows.length);
  const foot=tbody.querySelector('.foot');
  foot.hidden=rows.length<=shown;
  foot.querySelector('button').textContent=tbody.classList.contains('open')?'Show fewer':`Show all ${number(rows.length)}`;
}

function context(choice,i){
  const tokens=choice.contexts[i];
  return tokens?number(tokens):'\u2013';
}

const speed=(choice,i)=>choice.speeds?.[i];

function judge(choice){
  const bodies=new Map(all('.devices tbody').map((e)=>[e.dataset.of+e.dataset.v,e]));
  for(const row of devices){
    const i=+row.dataset.i,verdict=choice.verdicts[i];
    const meter=row.querySelector('.meter');
    meter.className='meter '+data.verdicts[verdict].id;
    const usable=+row.dataset.u;
    meter.firstChild.style.width=(100*Math.min(choice.bytes,usable)/Math.max(choice.bytes,usable)).toFixed(1)+'%';
    row.querySelector('.context').textContent=context(choice,i);
    if(choice.speeds)row.querySelector('.speed').textContent=speed(choice,i)||'\u2013';
    const body=bodies.get(row.dataset.of+verdict);
    body.insertBefore(row,body.querySelector('.foot'));
  }
  bodies.forEach(fold);
  for(const item of all('.quick li')){
    const i=+item.dataset.i,verdict=data.verdicts[choice.verdicts[i]];
    const word=item.querySelector('.word');
    word.className='word '+verdict.id;word.textContent=verdict.title;
    const tokens=choice.contexts[i];
    const refused=verdict.id==='no'&&choice.bytes<=devices[i].dataset.u;
    item.querySelector('small').textContent=tokens?`${number(tokens)} tokens`+(speed(choice,i)?`, ${speed(choice,i)} tokens/s`:''):refused?data.refusal:verdict.meaning;
  }
}

function draw(choice){
  for(const svg of all('svg.chart')){
    const {left,width,bottom,height,top}=JSON.parse(svg.dataset.plot);
    const y=(v)=>bottom-v/top*height;
    const last=choice.curve.length-1;
    const points=choice.curve.map((v,i)=>`${(left+(last?i/last:1)*width).toFixed(1)},${y(v).toFixed(1)}`);
    svg.querySelector('polyline.chosen').setAttribute('points',points.join(' '));
    const end=svg.querySelector('text.chosen');
    end.setAttribute('y',(y(choice.curve[last])+4).toFixed(1));
    end.textContent=choice.name;
    all('[data-q]',svg).forEach((e)=>e.setAttribute('visibility',e.dataset.q===choice.name||
      e.tagName==='text'&&Math.abs(e.getAttribute('y')-end.getAttribute('y'))<13?'hidden':'visible'));
  }
}

function choose(index,link){
  const choice=data.choices[index];
  all('tbody tr',table).forEach((row)=>{
    const is=+row.dataset.choice===index;
    row.classList.toggle('chosen',is);
    if(is)row.querySelector('input').checked=true;
  });
  show('name',choice.name);show('need',choice.need);show('full',choice.full);show('recommended',choice.recommended);
  choice.terms.forEach((term,i)=>{show('term'+i,term[0]);show('fullterm'+i,term[1])});
  all('.stack i').forEach((e)=>{e.style.width=choice.shares[+e.dataset.term]+'%'});
  judge(choice);draw(choice);
  if(link)try{history.replaceState(null,'','#'+encodeURIComponent(choice.name))}catch{}
}

table.addEventListener('change',(event)=>choose(+event.target.value,true));
table.querySelector('tbody').addEventListener('click',(event)=>{
  const row=event.target.closest('tr');
  if(row&&!event.target.closest('label'))choose(+row.dataset.choice,true);
});
for(const head of all('thead th',table)){
  const button=document.createElement('button');
  button.type='button';button.textContent=head.textContent;
  head.replaceChildren(button);
  button.addEventListener('click',()=>{
    const rises=head.getAttribute('aria-sort')!=='ascending';
    all('thead th',table).forEach((e)=>e.removeAttribute('aria-sort'));
    head.setAttribute('aria-sort',rises?'ascending':'descending');
    const at=head.cellIndex,key=(row)=>{
      const text=row.cells[at].dataset.sort??row.cells[at].textContent.trim();
      return isNaN(text)||text===''?text:+text;
    };
    const rows=all('tbody tr',table).sort((a,b)=>{
      const x=key(a),y=key(b);
      return (typeof x==='number'&&typeof y==='number'?x-y:String(x).localeCompare(String(y)))*(rises?1:-1);
    });
    table.querySelector('tbody').append(...rows);
  });
}

for(const tbody of all('.devices tbody'))tbody.querySelector('button').addEventListener('click',()=>{
  tbody.classList.toggle('open');fold(tbody);
});
const search=document.getElementById('find');
search.addEventListener('input',()=>{
  const words=search.value.toLowerCase().split(/\s+/).filter(Boolean);
  for(const row of devices){
    const name=row.cells[0].textContent.toLowerCase();
    row.classList.toggle('out',!words.every((word)=>name.includes(word)));
  }
  for(const tbody of all('.devices tbody')){
    tbody.classList.toggle('open',words.length>0);fold(tbody);
    const left=all('tr[data-i]:not(.out)',tbody).length;
    if(words.length){tbody.hidden=left===0;tbody.querySelector('.foot').hidden=true;}
  }
  const left=devices.filter((row)=>!row.classList.contains('out')).length;
  document.getElementById('found').textContent=words.length?`${number(left)} found`:'';
});

const asked=decodeURIComponent(location.hash.slice(1)).toLowerCase();
const linked=data.choices.findIndex((choice)=>choice.name.toLowerCase()===asked);
if(linked>=0)choose(linked,false);
})();
)js";
}

std::string_view index_script() {
  return R"js((()=>{'use strict';
const search=document.getElementById('find'),rows=[...document.querySelectorAll('[data-text]')];
const found=document.getElementById('found');
const look=()=>{
  const words=search.value.toLowerCase().split(/[\s\-_.]+/).filter(Boolean);
  let left=0;
  for(const row of rows){
    const is=words.every((word)=>row.dataset.text.includes(word));
    row.hidden=!is;left+=is;
  }
  found.textContent=words.length?`${left} found`:'';
};
search.addEventListener('input',look);
if(search.value)look();
})();
)js";
}

}  // namespace vramcalc::render::html
