import { stringify } from 'yaml';
import { LOCALES, type Locale } from '../../common/locale.ts';

export interface NewLesson {
  /** Name of its folder. */
  id: string;
  title: Record<Locale, string>;
}

/** The files of a lesson to begin from, by path below its folder. It is sound, and every block and check passes. */
export function newLesson({ id, title }: NewLesson): Record<string, string> {
  const texts = LOCALES.map((locale) => [`${locale}.md`, render(PROSE[locale], title[locale])]);
  return {
    'lesson.yaml': stringify({ title, summary: SUMMARY, minutes: 10, level: 'beginner' }, { lineWidth: 0 }),
    ...(Object.fromEntries(texts) as Record<string, string>),
    'files/web.yaml': render(MANIFEST, id),
    'proof.yaml': PROOF,
  };
}

const SUMMARY: Record<Locale, string> = {
  en: 'One or two sentences: what the learner will have done in the end.',
  es: 'Una o dos frases: lo que el alumno habrá hecho al final.',
};

/** What differs between the languages, by the place that it goes to. */
interface Prose {
  intro: string;
  first: string;
  why: string;
  see: string;
  hint: string;
  second: string;
  ask: string;
  missing: string;
  goal: string;
  notReady: string;
}

const PROSE: Record<Locale, Prose> = {
  en: {
    intro: 'Say in a few sentences what this lesson is about, and what will be there at its end.',
    first: 'Start a web server',
    why: 'Say why before you say how. Every command below runs with a click, or typed by hand:',
    see: 'Say what to look at. `READY` is `1/1` once the server answers:',
    hint: 'What goes wrong here most often, and what to do then.',
    second: 'Ask it something',
    ask: 'A step ends with a check of what must be true by now, whichever way the learner took.',
    missing: 'There is no Deployment `web` yet. Apply `web.yaml`.',
    goal: 'The Deployment `web` runs.',
    notReady: 'The server is still starting. Look at it with `kubectl get pods`.',
  },
  es: {
    intro: 'Di en unas frases de qué trata esta lección y qué habrá al final.',
    first: 'Arranca un servidor web',
    why: 'Di por qué antes de decir cómo. Cada comando se ejecuta con un clic, o escrito a mano:',
    see: 'Di en qué hay que fijarse. `READY` es `1/1` cuando el servidor ya responde:',
    hint: 'Lo que más a menudo sale mal aquí, y qué hacer entonces.',
    second: 'Pregúntale algo',
    ask: 'Un paso termina con una comprobación de lo que ya debe ser cierto, sea cual sea el camino que se tomó.',
    missing: 'Todavía no hay ningún Deployment `web`. Aplica `web.yaml`.',
    goal: 'El Deployment `web` está en marcha.',
    notReady: 'El servidor aún está arrancando. Míralo con `kubectl get pods`.',
  },
};

function render(text: Prose | string, name: string): string {
  if (typeof text === 'string') return text.replace('NAME', name);
  return `# ${name}

${text.intro}

## ${text.first}

${text.why}

\`\`\`sh run
kubectl apply -f web.yaml
kubectl rollout status deployment web
\`\`\`

\`\`\`output
deployment.apps/web created
service/web created
...
deployment "web" successfully rolled out
\`\`\`

${text.see}

\`\`\`sh run
kubectl get pods
\`\`\`

\`\`\`output
NAME             READY   STATUS    RESTARTS   AGE
web-<rs>-<id>   1/1     Running   0          <age>
\`\`\`

\`\`\`hint
${text.hint}
\`\`\`

\`\`\`check web-ready
goal: ${text.goal}
object: Deployment web
has:
  status.readyReplicas: 1
within: 60s
hints:
  missing: ${text.missing}
  status.readyReplicas: ${text.notReady}
\`\`\`

## ${text.second}

${text.ask}

\`\`\`sh run
kubectl run client --image=curlimages/curl --attach --rm --restart=Never --quiet -- curl -s -o /dev/null -w '%{http_code}\\n' http://web
\`\`\`

\`\`\`output
200
...
\`\`\`
`;
}

const MANIFEST = `# For the lesson NAME: copied into the learner's home.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels: { app: web }
  template:
    metadata:
      labels: { app: web }
    spec:
      containers:
        - name: web
          image: nginx
          ports: [{ containerPort: 80 }]
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: { app: web }
  ports: [{ port: 80 }]
`;

const PROOF = `# How the checks are put to the test, see proof.yaml in the guide.
web-ready:
  also:
    - kubectl create deployment web --image=nginx
  mistakes:
    - do: kubectl apply -n default --dry-run=client -f web.yaml
      hint: missing
    - then: kubectl scale deployment web --replicas=0
      hint: status.readyReplicas
`;
