import type { MeshProtocol, MeshVerdict } from '../mesh.ts';
import type { MeshMessages } from './mesh-messages.ts';
import { meshNumbers } from './mesh-numbers.ts';
import { code } from './sentence.ts';

const plural = new Intl.PluralRules('es');
const { number, compact, percent, milliseconds, bytes, rate } = meshNumbers('es');

function count(value: number, one: string, other: string): string {
  return `${number(value)} ${plural.select(value) === 'one' ? one : other}`;
}

function amount(protocol: MeshProtocol, value: number): string {
  if (protocol === 'refused') return count(value, 'conexión rechazada', 'conexiones rechazadas');
  return protocol === 'tcp' ? count(value, 'conexión', 'conexiones') : count(value, 'petición', 'peticiones');
}

function within(minutes: number): string {
  return minutes === 1 ? 'en el último minuto' : `en los últimos ${minutes} minutos`;
}

/** ` por PeerAuthentication x/y`, o nada si ningún objeto ha decidido. */
function by({ kind, policy }: MeshVerdict): string {
  return kind === null || policy === null ? '' : ` por ${kind} ${code(policy)}`;
}

function detailOf({ detail }: MeshVerdict): string {
  return detail === null ? '' : `: ${code(detail)}`;
}

function verdict(v: MeshVerdict): string {
  const rule = v.kind === null || v.policy === null ? null : `${v.kind} ${code(v.policy)}`;
  const asked = v.request === null ? 'esta conexión' : code(`${v.request.method} ${v.request.path}`);
  switch (v.code) {
    case 'plaintext-refused': {
      const server = `El servidor exige TLS mutuo${by(v)} (${v.mode ?? 'STRICT'}, puerto ${v.port})`;
      if (v.client === null) return `${server}; el cliente no es parte de la malla y ha enviado texto sin cifrar.`;
      return v.client.sidecar
        ? `${server}; el cliente tiene proxy, pero esta conexión ha llegado sin cifrar.`
        : `${server}; el cliente no tiene sidecar y ha enviado texto sin cifrar.`;
    }
    case 'foreign-tls-refused':
      return v.client?.sidecar === true
        ? `El proxy del cliente ha hablado TLS mutuo, y el servidor no lo admite en el puerto ${v.port}${by(v)} (${v.mode ?? 'DISABLE'}).`
        : `El cliente ha hablado su propio TLS, que el puerto ${v.port} del servidor no admite.`;
    case 'handshake-failed':
      return `El saludo TLS ha fallado: el cliente no ha mostrado un certificado de la malla, y el servidor lo exige${by(v)}.`;
    case 'authorization-denied':
      return `${rule ?? 'Una política'} deniega ${asked}${v.detail === null ? '' : ` en ${code(v.detail)}`}.`;
    case 'authorization-not-allowed':
      return `Ninguna regla de ${rule ?? 'las políticas que permiten algo'} permite ${asked}; en cuanto se permite algo, todo lo demás se deniega.`;
    case 'token-rejected':
      return `${rule ?? 'El servidor'} ha rechazado el token de ${asked}${detailOf(v)}.`;
    case 'upstream-failed':
      return rule === null
        ? `El proxy del cliente no ha obtenido respuesta del servidor (${code(v.detail ?? '-')}).`
        : `El proxy del cliente ha enviado como le indica ${rule}, y no ha obtenido respuesta del servidor (${code(v.detail ?? '-')}).`;
    case 'destination-unknown':
      return `${rule ?? 'La ruta'} lleva a algo que nadie define${detailOf(v)}.`;
    case 'no-endpoints':
      return v.detail === null
        ? 'No hay ningún pod listo detrás del servicio.'
        : `No hay ningún pod listo detrás de ${code(v.detail)} de ${rule ?? 'el servicio'}.`;
    case 'no-route':
      return rule === null ? `Ninguna ruta encaja con ${asked}.` : `Ninguna ruta de ${rule} encaja con ${asked}.`;
    case 'fault-injected':
      return `${rule ?? 'La ruta'} responde con un error a propósito${detailOf(v)}.`;
    case 'request-timeout':
      return `Se ha agotado el tiempo que permite ${rule ?? 'la ruta'}.`;
    case 'outbound-blocked':
      return `${rule ?? 'La malla'} solo deja a este cliente llamar a hosts registrados.`;
  }
}

function advice(v: MeshVerdict): string | null {
  if (v.code === 'plaintext-refused') {
    if (v.client?.sidecar === true)
      return 'Busca una DestinationRule cuyo modo TLS sea DISABLE o, antes de Istio 1.5, una que falte.';
    return `Dale un sidecar al cliente, o admite texto sin cifrar solo en este puerto con ${code('portLevelMtls')}.`;
  }
  if (v.code === 'upstream-failed' && v.kind === 'DestinationRule')
    return 'Compara el modo TLS de la regla con lo que admite el servidor.';
  if (v.code === 'authorization-not-allowed') return 'Compara la identidad del cliente con las que nombra la política.';
  return null;
}

const FLAGS: Record<string, string> = {
  UC: 'el servidor cerró la conexión',
  UF: 'sin conexión con el servidor',
  UH: 'ningún servidor sano',
  UO: 'demasiadas a la vez',
  NR: 'sin ruta',
  NC: 'ese destino no existe',
  UT: 'tardó demasiado',
  URX: 'demasiados intentos',
  DC: 'el cliente se fue',
  UPE: 'el servidor no habla HTTP',
  UAEX: 'denegado por un autorizador',
  FI: 'error inyectado',
  DI: 'retraso inyectado',
};

export const meshEs: MeshMessages = {
  tab: 'Malla',
  region: 'Vista de la malla',
  loading: 'Mirando la malla…',
  loadFailed: 'No se ha podido cargar la vista de la malla. Recarga la página para intentarlo de nuevo.',
  disconnected: 'La malla volverá a verse cuando se recupere la conexión.',
  noMesh: 'No hay ninguna malla que mirar',
  noMeshText:
    'El clúster de esta lección no tiene un Istio cuyos sidecars cuenten quién habla con quién, o es uno real, cuya telemetría Taller no lee.',
  emptyHeading: 'Todavía no hay nada que ver',
  emptyText:
    'En cuanto haya pods fuera de los espacios de nombres del sistema aparecerán aquí, y con ellos su tráfico.',
  quiet: 'No hay tráfico en este intervalo. Envía una petición desde la terminal y mira cómo aparece.',
  announce: (protocol, source, destination) =>
    protocol === 'refused'
      ? `Se ha rechazado una conexión de ${source} a ${destination}.`
      : `Fallan las peticiones de ${source} a ${destination}.`,

  toolbar: {
    view: 'Vista',
    graph: 'Grafo',
    table: 'Tabla',
    dashboard: 'Panel',
    window: 'Intervalo',
    lastMinutes: (minutes) => (minutes === 1 ? 'Último minuto' : `Últimos ${minutes} minutos`),
    idle: 'También inactivos',
    withTerminal: 'Mantener la terminal a la vista',
  },

  status: {
    mesh(status, byDefault) {
      switch (status) {
        case 'enabled':
          return byDefault
            ? 'mTLS está activado en toda la malla; los clientes lo eligen solos'
            : 'mTLS está activado en toda la malla';
        case 'partial':
          return 'mTLS está activado parcialmente en la malla';
        case 'disabled':
          return 'mTLS está desactivado en toda la malla';
        case 'not-enabled':
          return 'mTLS no está activado en la malla';
      }
    },
    namespace(status, inherited) {
      const words = {
        enabled: 'mTLS está activado en este espacio de nombres',
        partial: 'mTLS está activado parcialmente en este espacio de nombres',
        disabled: 'mTLS está desactivado en este espacio de nombres',
        'not-enabled': 'mTLS no está activado en este espacio de nombres',
      }[status];
      return inherited ? `${words}, igual que en toda la malla.` : `${words}.`;
    },
    servers: (mode, object) =>
      mode === null || object === null
        ? 'Ninguna política dice qué exigen los servidores: admiten texto sin cifrar y TLS mutuo.'
        : `Servidores: ${code(mode)} por ${code(object)}.`,
    clients: (mode, object, automatic) =>
      mode !== null && object !== null
        ? `Clientes: ${code(mode)} por DestinationRule ${code(object)}.`
        : automatic
          ? 'Los clientes usan TLS mutuo por sí solos allí donde el servidor tiene sidecar.'
          : 'Los clientes envían texto sin cifrar salvo que una DestinationRule les diga otra cosa.',
    details: 'Detalles',
    wholeMesh: 'Toda la malla',
    noSidecars: 'Ninguno de sus pods tiene sidecar, así que aquí no cambia nada.',
  },

  node: {
    kind: {
      workload: 'Carga de trabajo',
      gateway: 'Pasarela',
      service: 'Servicio sin pod al que se haya llegado',
      external: 'Host fuera del clúster',
      outside: 'Cliente fuera del clúster',
      unknown: 'Ninguna parte',
    },
    name: { outside: 'Exterior', unknown: 'Ninguna parte' },
    idleIn: (namespace) => `${namespace}, inactivos`,
    sidecar: 'Sidecar',
    noSidecar: 'Sin sidecar',
    pods: (pods) => count(pods, 'pod', 'pods'),
  },

  edge: {
    name: ({ source, destination, amount: words, health, lock }) =>
      `${[`De ${source} a ${destination}`, words, health, lock].filter((part) => part !== null).join(', ')}.`,
    health: {
      healthy: 'Sano',
      degraded: 'Algunos errores',
      failing: 'Falla',
      tcp: 'TCP',
      idle: 'Inactivo',
      refused: 'Rechazado',
    },
    lock: { all: 'Todo con TLS mutuo', some: 'En parte con TLS mutuo', none: 'Texto sin cifrar' },
    protocol: { http: 'HTTP', grpc: 'gRPC', tcp: 'TCP', refused: 'Ninguno' },
    amount,
    short: (protocol, value) => (protocol === 'refused' ? `rechazada ×${compact(value)}` : `${compact(value)}×`),
  },

  panel: {
    heading: 'Detalles de una conexión',
    close: 'Cerrar los detalles',
    from: 'De',
    to: 'A',
    noIdentity: 'No se ha mostrado ningún certificado.',
    noTraffic: 'No ha pasado nada en este intervalo.',
    summary: (protocol, value, minutes) => `${amount(protocol, value)} ${within(minutes)}`,
    why: 'Por qué',
    times: (value) => `×${number(value)}`,
    mutual: (mutual, of) =>
      mutual === of
        ? 'mTLS activado: ambas partes han mostrado un certificado, y todo ha ido cifrado.'
        : mutual === 0
          ? 'Texto sin cifrar: nadie ha mostrado un certificado, y quien escuche puede leerlo.'
          : `mTLS activado en el ${percent(mutual / of)} del tráfico; el resto ha ido sin cifrar.`,
    noReport:
      'Texto sin cifrar, hasta donde se sabe: el servidor no tiene un sidecar que informe, o no le ha llegado nada.',
    rate: 'Ritmo',
    errors: 'Errores',
    meanTime: 'Tiempo medio',
    received: 'Recibido',
    sent: 'Enviado',
    code: 'Código',
    flags: 'Marcas',
    count: 'Peticiones',
    noAnswer: 'ninguno',
    flag: (flag) =>
      flag
        .split(',')
        .map((one) => (FLAGS[one] === undefined ? one : `${one} (${FLAGS[one]})`))
        .join(', '),
    services: 'Se ha pedido',
    unknownToIstio:
      'La telemetría de Istio llama «unknown» a este cliente: ningún sidecar habla por él. Qué pod era lo añade Taller.',
    refusedIsOurs:
      'Añadido por Taller: una conexión rechazada antes de cualquier petición no deja rastro en las métricas de Istio, así que Kiali no mostraría nada aquí.',
    verdict,
    advice,
    number,
    percent,
    perSecond: (value) => `${rate(value)}/s`,
    milliseconds,
    bytes,
  },

  table: {
    caption: (minutes) => `Tráfico ${within(minutes)}`,
    from: 'De',
    to: 'A',
    protocol: 'Protocolo',
    traffic: 'Tráfico',
    errors: 'Errores',
    mutual: 'mTLS',
    state: 'Estado',
    empty: 'Todavía nadie ha llamado a nadie.',
    details: (source, destination) => `Detalles: de ${source} a ${destination}`,
    workloads: 'Cargas de trabajo',
    workload: 'Carga de trabajo',
    namespace: 'Espacio de nombres',
    kind: 'Clase',
    sidecar: 'Sidecar',
    pods: 'Pods',
    yes: 'sí',
    no: 'no',
  },

  dashboard: {
    caption: (minutes) => `Peticiones a cada carga de trabajo ${within(minutes)}`,
    workload: 'Carga de trabajo',
    volume: 'Volumen de peticiones',
    success: 'Tasa de éxito',
    mutual: 'Parte con mTLS',
    note: 'Es un éxito toda respuesta que no sea 5xx, como en Grafana. Los errores del grafo cuentan también los 4xx, como en Kiali.',
    noRequests: 'No hay peticiones en este intervalo.',
    globalVolume: 'Volumen global de peticiones',
    globalSuccess: 'Tasa global de éxito',
    chart: (measure, workload, value) => `${measure} de ${workload} a lo largo del tiempo, en total ${value}`,
  },

  legend: {
    heading: 'Leyenda',
    health: {
      healthy: 'HTTP sin errores',
      degraded: 'Errores hasta el 20 %',
      failing: 'Errores por encima del 20 %',
      tcp: 'TCP',
      idle: 'Sin tráfico en este intervalo',
      refused: 'Conexiones rechazadas (añadido por Taller)',
    },
  },
};
