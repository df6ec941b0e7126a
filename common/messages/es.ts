import { meshEs } from './mesh-es.ts';
import type { Messages } from './messages.ts';
import { code } from './sentence.ts';

const plural = new Intl.PluralRules('es');
const number = new Intl.NumberFormat('es');

function count(value: number, one: string, other: string): string {
  return `${number.format(value)} ${plural.select(value) === 'one' ? one : other}`;
}

function seconds(milliseconds: number): string {
  return count(Math.round(milliseconds / 100) / 10, 'segundo', 'segundos');
}

export const es: Messages = {
  app: {
    skipToLesson: 'Ir a la lección',
    skipToTerminal: 'Ir a la terminal',
    loading: 'Cargando…',
    title: (parts) => [...parts, 'Taller'].join(' · '),
  },
  home: {
    heading: 'Aprende haciendo',
    intro:
      'Cada lección es una página de texto junto a una terminal de verdad con su propio clúster. Lee un poco, ejecuta un comando y mira al momento si ha hecho lo que debía.',
    empty: 'Aquí todavía no hay ninguna lección.',
    minutes: (minutes) => `${minutes} min`,
    steps: (steps) => count(steps, 'paso', 'pasos'),
    level: { beginner: 'Inicial', intermediate: 'Intermedio', advanced: 'Avanzado' },
    release: (version) => `Istio ${version}`,
    position: (place) => `Lección ${place}`,
    tasks: (done, total) => `${done} de ${count(total, 'tarea hecha', 'tareas hechas')}`,
    done: 'Completada',
    start: 'Abrir la lección',
    goOn: 'Continuar',
    again: 'Volver a abrir',
  },
  problem: {
    lessonNotFound: 'Esa lección no existe',
    lessonNotFoundText: (id) => `Ninguna lección se llama ${code(id)}. Puede que haya cambiado de nombre.`,
    pageNotFound: 'Esa página no existe',
    pageNotFoundText: 'La dirección no lleva a ninguna parte. Elige una lección de la lista.',
    loadFailed: 'No se ha podido cargar',
    loadFailedText: (reason) =>
      `El servidor no ha respondido como debía: ${code(reason)}. Comprueba que está en marcha y vuelve a intentarlo.`,
    retry: 'Reintentar',
    allLessons: 'Todas las lecciones',
  },
  header: {
    home: 'Taller, todas las lecciones',
    language: 'Idioma',
    theme: { system: 'Tema: el del sistema', light: 'Tema: claro', dark: 'Tema: oscuro' },
    restart: 'Reiniciar la lección',
  },
  connection: {
    connecting: 'Conectando',
    connected: 'Conectado',
    reconnecting: 'Reconectando',
    closed: 'Desconectado',
    expired: 'El servidor se ha reiniciado y ya no reconoce esta página. Recárgala para continuar.',
    upgrade: 'El servidor tiene una versión más nueva de esta página. Recárgala para continuar.',
    takenOver: 'Esta lección está abierta en otra página. No se pierde nada: puedes seguir allí o aquí.',
    notFound: 'El servidor ya no tiene esta lección.',
    broken:
      'Esta lección no puede empezar: hay un error en sus archivos. Su autor lo encontrará en el registro del servidor.',
    refused: 'El servidor ha cerrado la conexión porque está saturado. Espera un momento y vuelve a intentarlo.',
    reload: 'Recargar',
    useHere: 'Usarla aquí',
    tryAgain: 'Reintentar',
  },
  startedAnew: {
    text: 'Lo que habías hecho aquí ya no existe: el servidor se ha reiniciado, o ninguna página ha mostrado esta lección durante un rato. Tienes un clúster nuevo, así que empieza por el primer paso.',
    first: 'Al primer paso',
    close: 'De acuerdo',
  },
  realCluster: {
    heading: 'Esta lección trabaja en un clúster real',
    text: 'No en el que Taller lleva dentro: puede que otras personas lo estén usando. Allí todavía no ha pasado nada.',
    server: 'Servidor',
    context: 'Contexto',
    user: 'Usuario',
    rights:
      'La lección crea sus propios espacios de nombres y los borra cuando termina. En la terminal puedes hacer todo lo que este usuario tenga permitido.',
    confirm: 'Usar este clúster',
    unusable: 'La lección no ha podido empezar en el clúster:',
    tryAgain: 'Buscar de nuevo',
  },
  author: {
    problems: (problems) =>
      `${count(problems, 'problema', 'problemas')} en lo que has guardado. Si la página no ha cambiado, es por esto:`,
    unreadable: (problems) =>
      `${count(problems, 'problema impide', 'problemas impiden')} mostrar esta lección. Aparecerá aquí en cuanto lo corrijas.`,
    stale: 'Has cambiado aquello con lo que empiezan el clúster o los archivos. Reinicia la lección para verlo.',
  },
  link: {
    clusterElsewhere: 'Solo se abre en un navegador de la misma máquina en la que funciona Taller.',
  },
  steps: {
    navigation: 'Pasos',
    position: (step, total) => `Paso ${step} de ${total}`,
    previous: 'Anterior',
    next: 'Siguiente',
    previousTo: (title) => `Anterior: ${title}`,
    nextTo: (title) => `Siguiente: ${title}`,
    outline: 'Todos los pasos',
    state: { reading: 'Nada que hacer', todo: 'Pendiente', started: 'Empezado', done: 'Hecho' },
    tasks: (done, total) => `${done} de ${total}`,
    progress: (done, total) => `${done} de ${count(total, 'tarea hecha', 'tareas hechas')}`,
  },
  run: {
    run: 'Ejecutar',
    again: 'Ejecutar otra vez',
    runCommand: (words) => `Ejecutar: ${words}`,
    againCommand: (words) => `Ejecutar otra vez: ${words}`,
    copy: 'Copiar',
    copyCommand: (words) => `Copiar: ${words}`,
    copied: 'Copiado',
    copyFailed: 'El navegador no deja copiar a esta página. Selecciona el comando y cópialo tú.',
    command: (terminal) => (terminal === null ? 'Comando' : `Comando para la terminal ${terminal}`),
    expected: 'Debería mostrar',
    anyOrder: 'En cualquier orden:',
    varies: 'Lo que va entre `<` y `>` puede ser distinto en tu caso.',
    none: 'Ninguna de estas líneas:',
    exit: (status) => `Debería terminar con el código de salida ${code(status)}.`,
    running: 'En ejecución…',
    passed: { clicked: 'Como se esperaba', typed: 'Como se esperaba, escrito por ti' },
    passedRunning: 'Como se esperaba. El comando sigue hasta que lo detengas.',
    failed: (failure) => {
      switch (failure.reason) {
        case 'different':
          return failure.lines.some((line) => line.kind !== 'same' && line.kind !== 'elided')
            ? 'La salida no es la que debería.'
            : 'El comando no ha terminado como debería.';
        case 'syntax':
          return `La shell no entiende este comando: ${code(failure.message)}`;
        case 'timeout':
          return `En ${seconds(failure.timeoutMs)} no ha salido nada que coincida.`;
        case 'interrupted':
          return 'El comando se ha interrumpido antes de que su salida coincidiera.';
        case 'shell-ended':
          return 'La shell ha terminado mientras se ejecutaba el comando.';
      }
    },
    doneBefore: 'Antes funcionó, y eso cuenta: no hace falta que lo ejecutes otra vez.',
    exitDiffers: (expected, actual) =>
      `El comando ha terminado con el código de salida ${code(actual)}; debería terminar con ${code(expected)}.`,
    compared: 'Salida esperada y salida real, línea a línea',
    line: {
      same: 'igual',
      expected: 'se esperaba',
      actual: 'ha salido',
      missing: 'falta',
      unexpected: 'no se esperaba',
    },
    elided: (lines) => count(lines, 'línea más', 'líneas más'),
    emptyLine: 'una línea vacía',
    busy: 'Todavía se está ejecutando un comando. ¿Lo interrumpes y ejecutas este?',
    busyYes: 'Interrumpir y ejecutar',
    busyNo: 'Dejarlo seguir',
    shellEnded: 'La shell de esta terminal ha terminado. Abre otra en la terminal y ejecuta esto después.',
    notInterruptible: 'El comando en ejecución no reacciona a Ctrl-C. Termínalo en la terminal y ejecuta esto después.',
    stop: 'Detener (Ctrl-C)',
  },
  check: {
    label: 'Comprobación',
    check: 'Comprobar',
    again: 'Comprobar otra vez',
    checkSubject: (subject) => `Comprobar: ${subject}`,
    againSubject: (subject) => `Comprobar otra vez: ${subject}`,
    running: 'Comprobando…',
    waiting: 'Todavía no. Se seguirá mirando un rato:',
    passed: 'Todo está como debe',
    failed: 'Todavía no está como debe',
    doneBefore: 'Antes se cumplía, y eso cuenta: puedes continuar.',
    how: 'Cómo se comprueba',
    clause: (failure) => {
      switch (failure.kind) {
        case 'object-missing':
          return `${code(failure.subject)} no existe.`;
        case 'object-present':
          return `${code(failure.subject)} todavía existe; ya no debería.`;
        case 'field':
          return failure.actual === null
            ? `${code(failure.path)} no tiene valor; debería ser ${code(failure.expected)}.`
            : `${code(failure.path)} es ${code(failure.actual)}; debería ser ${code(failure.expected)}.`;
        case 'exit':
          return `El comando de esta comprobación ha terminado con el código de salida ${code(failure.actual)}; debería terminar con ${code(failure.expected)}.`;
        case 'lines':
          return 'El comando de esta comprobación no ha mostrado lo que debía.';
        case 'json':
          return failure.actual === null
            ? `${code(failure.path)} no está; debería cumplirse ${code(`${failure.path} ${failure.operator} ${failure.expected}`.trim())}.`
            : `${code(failure.path)} es ${code(failure.actual)}; debería cumplirse ${code(`${failure.path} ${failure.operator} ${failure.expected}`.trim())}.`;
        case 'timeout':
          return `No se ha cumplido en ${seconds(failure.timeoutMs)}.`;
        case 'error':
          return `La comprobación no ha podido ejecutarse, y no es culpa tuya: ${code(failure.message)}`;
      }
    },
  },
  hint: { summary: 'Pista' },
  why: {
    summary: '¿Por qué? Lo que ha decidido la malla',
    between(client, server, host) {
      const from = client === null ? 'Desde fuera de la malla' : `De ${code(`${client.namespace}/${client.pod}`)}`;
      if (server !== null) return `${from} a ${code(`${server.namespace}/${server.pod}`)}:`;
      return host === null ? `${from}:` : `${from} a ${code(host)}:`;
    },
  },
  terminal: {
    region: 'Terminal',
    tabs: 'Terminales',
    name: (terminal) => `Terminal ${terminal}`,
    stop: 'Detener (Ctrl-C)',
    screenReader: 'Modo lector de pantalla',
    leave: 'Pulsa Esc y luego Tab para salir de la terminal',
    connecting: 'Abriendo la terminal…',
    ended: (exitCode) =>
      exitCode === null ? 'La shell ha terminado.' : `La shell ha terminado con el código de salida ${code(exitCode)}.`,
    restart: 'Abrir otra shell',
    show: 'Mostrar la terminal',
    hide: 'Ocultar la terminal',
    divider: 'Tamaño de la lección y la terminal',
    keys: 'Teclas para la terminal',
    arrow: { up: 'Arriba', down: 'Abajo', left: 'Izquierda', right: 'Derecha' },
  },
  mesh: meshEs,
  restart: {
    heading: '¿Empezar esta lección de nuevo?',
    text: 'Tendrás un clúster nuevo, una carpeta personal nueva y shells nuevas. Se borra lo que has hecho y tu progreso en esta lección.',
    confirm: 'Empezar de nuevo',
    cancel: 'Seguir como estoy',
  },
  finish: {
    done: 'Lección completada',
    doneText: (title) => `Todos los comandos y todas las comprobaciones de «${title}» han hecho lo que debían.`,
    open: 'Todavía queda algo',
    openText: (tasks) => `${count(tasks, 'tarea sigue pendiente', 'tareas siguen pendientes')}:`,
    next: 'Siguiente lección',
    coming: 'Próximamente',
    end: 'Esta era la última lección del curso.',
    all: 'Todas las lecciones',
  },
};
