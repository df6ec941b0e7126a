/** The API server: from a request to the part that answers it. */
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type Duplex } from 'node:stream';
import { type Clock } from '../clock.ts';
import { ApiError, badRequest, methodNotAllowed, noSuchPath } from '../objects/api-error.ts';
import { ALL_VERBS, apiVersionOf, resourceKeyOf, type Kind } from '../objects/kinds/kind.ts';
import { type KindRegistry } from '../objects/kinds/registry.ts';
import { type Random } from '../objects/random.ts';
import { type KubernetesObject, type ResourceKey } from '../objects/object.ts';
import { type ObjectStore } from '../objects/store.ts';
import { type ObjectWriter } from '../objects/writer.ts';
import { NODE_IP } from '../controllers/kubelet/kubelet.ts';
import { API_PORT } from './secure-port.ts';
import { TOKEN_ISSUER, type ServiceAccountTokens } from '../service-account-tokens.ts';
import { type AnswerRequest } from './answer-request.ts';
import { decodeBody, parseBody, parseFieldValidation } from './body.ts';
import {
  aggregatedDiscovery,
  aggregatedVersion,
  apiGroup,
  apiGroupList,
  apiResourceList,
  apiVersions,
  SERVER_VERSION,
} from './discovery.ts';
import { authorize } from './authorizer.ts';
import { ADMINISTRATOR, identityOf, type Identity } from './identity.ts';
import { createInertNotes } from './inert-notes.ts';
import { openApiV2Document, openApiV2Protobuf } from './openapi-v2.ts';
import { openApiDocument, openApiIndex } from './openapi.ts';
import { type PodAccess } from './pod-access.ts';
import { locateContainer, podOf } from './pod-container.ts';
import { servePodLog } from './pod-log.ts';
import { parseProxyTarget, serveProxy, type ProxyTarget } from './proxy.ts';
import { flag, integer, parseResourcePath, parseTarget, readBody, verbOf, type RequestTarget } from './request.ts';
import {
  createObject,
  deleteCollection,
  deleteObject,
  evictPod,
  getObject,
  listObjects,
  patchExisting,
  replaceObject,
  type ResourceCall,
  type ResourceResult,
} from './resource-requests.ts';
import { createResponseWriter, type ResponseWriter } from './response.ts';
import { answerReview } from './reviews.ts';
import { parseSelection } from './selection.ts';
import { requestToken } from './token-request.ts';
import { renderTable, tableRequest } from './table.ts';
import { createUpgradeHandler } from './upgrades.ts';
import { serveWatch } from './watch.ts';

export interface ApiServerDeps {
  store: ObjectStore;
  writer: ObjectWriter;
  kinds: KindRegistry;
  clock: Clock;
  pods: PodAccess;
  /** Kinds with answers of their own. */
  answers?: ReadonlyMap<ResourceKey, AnswerRequest> | undefined;
  /** Who clients are that impersonate nobody. Default: an administrator of a cluster made by kubeadm. */
  administrator?: Identity | undefined;
  random: Random;
  tokens: ServiceAccountTokens;
  /** What `/metrics` answers, in Prometheus' text format. */
  metrics(): string;
}

export type Authenticate = (request: IncomingMessage) => Identity;

export interface ApiServer {
  /** @param authenticate who the client is; throws an ApiError that it is told. Default the administrator */
  handleRequest(request: IncomingMessage, response: ServerResponse, authenticate?: Authenticate): void;
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, authenticate?: Authenticate): void;
  /** Ends watches, logs and processes of clients. */
  dispose(): void;
}

export function createApiServer(deps: ApiServerDeps): ApiServer {
  const { store, kinds, clock } = deps;
  const resourceDeps = { store, writer: deps.writer, kinds, now: () => clock.now() };
  const administrator: Authenticate = () => deps.administrator ?? ADMINISTRATOR;
  const inertNotes = createInertNotes();
  const open = new Set<() => void>();
  const upgrades = createUpgradeHandler({
    store,
    clock,
    pods: deps.pods,
    random: deps.random.below,
  });

  function keepOpen(response: ServerResponse, stop: () => void): void {
    open.add(stop);
    response.on('close', () => open.delete(stop));
  }

  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    writer: ResponseWriter,
    authenticate: Authenticate,
  ): Promise<void> {
    const target = parseTarget(request.url ?? '/');
    const accept = request.headers.accept ?? '';
    const method = request.method ?? 'GET';
    const path = parseResourcePath(target.segments);
    const user = identityOf(store, request, authenticate(request));
    const proxied = parseProxyTarget(request.url ?? '/');
    if (proxied) return answerProxy(proxied, user, request, response, writer);
    if (!path || path.plural === '') {
      authorize(store, user, { verb: method.toLowerCase(), path: `/${target.segments.join('/')}` });
      return answerPlain(target, accept, method, writer);
    }
    const kind = kinds.byPath(path.group, path.version, path.plural);
    if (!kind) throw noSuchPath();
    if (kind.deprecation) writer.warn(kind.deprecation);
    const call: ResourceCall = {
      ...path,
      kind,
      query: target.query,
      contentType: request.headers['content-type'] ?? '',
      manager: managerOf(request, target.query),
      body: method === 'GET' || method === 'HEAD' ? Buffer.alloc(0) : await readBody(request),
      warn: writer.warn,
    };
    if (!kind.namespaced && path.namespace !== undefined) throw noSuchPath();
    authorize(store, user, {
      verb:
        isWatch(call) && method === 'GET' ? 'watch' : (verbOf(method, path.name !== undefined) ?? method.toLowerCase()),
      group: path.group,
      resource: path.plural,
      subresource: path.subresource,
      // Of a namespace itself, rights are asked within it, and of a project, which is one.
      namespace: kind.kind === 'Namespace' || kind.kind === 'Project' ? path.name : path.namespace,
      name: path.name,
    });
    if (path.subresource !== undefined && answerPodSubresource(call, method, response)) return;
    if (method === 'GET' && isWatch(call)) return answerWatch(call, accept, response);
    const result = route(call, method, user);
    const note = inertNotes.noteFor(kind, result, call.query);
    if (note !== undefined) writer.warn(note);
    sendResult(result, call, accept, writer);
  }

  function answerProxy(
    proxied: ProxyTarget,
    user: Identity,
    request: IncomingMessage,
    response: ServerResponse,
    writer: ResponseWriter,
  ): void {
    const { namespace, plural: resource, name } = proxied;
    const verb = verbOf(request.method ?? 'GET', true) ?? 'get';
    authorize(store, user, { verb, group: '', resource, subresource: 'proxy', namespace, name });
    const reach = { objects: store, pods: deps.pods, random: deps.random.below };
    serveProxy(reach, proxied, request, response, (error) => writer.fail(error));
    keepOpen(response, () => response.destroy());
  }

  function isWatch({ query, name, subresource }: ResourceCall): boolean {
    return flag(query, 'watch') && name === undefined && subresource === undefined;
  }

  function route(call: ResourceCall, method: string, user: Identity): ResourceResult {
    const { kind, name, subresource } = call;
    const verb = verbOf(method, name !== undefined);
    if (!verb || !(kind.verbs ?? ALL_VERBS).includes(verb)) {
      if (!(subresource && verb === 'create' && kind.subresources?.some((one) => one.name === subresource)))
        throw methodNotAllowed({ plural: kind.plural, group: kind.group });
    }
    if (subresource !== undefined && !knowsSubresource(kind, subresource)) throw noSuchPath();
    const own = deps.answers?.get(resourceKeyOf(kind));
    const answered = own?.({
      verb: verb ?? '',
      namespace: call.namespace,
      name,
      subresource,
      user,
      list: () => listObjects(resourceDeps, call),
      object: () => decodeCall(call),
    });
    if (answered) return answered;
    if (kind.verbs?.length === 1 && verb === 'create') return createReview(call, user);
    switch (verb) {
      case 'get':
        return getObject(resourceDeps, call);
      case 'list':
        return listObjects(resourceDeps, call);
      case 'create':
        if (subresource === 'eviction') return evictPod(resourceDeps, call);
        if (subresource === 'token') return requestToken(resourceDeps, deps.tokens, call);
        if (name !== undefined) throw methodNotAllowed({ plural: kind.plural, group: kind.group });
        return createObject(resourceDeps, call);
      case 'update':
        return replaceObject(resourceDeps, call);
      case 'patch':
        return patchExisting(resourceDeps, call);
      case 'delete':
        return deleteObject(resourceDeps, call);
      case 'deletecollection':
        return deleteCollection(resourceDeps, call);
      default:
        throw methodNotAllowed({ plural: kind.plural, group: kind.group });
    }
  }

  function decodeCall(call: ResourceCall): KubernetesObject {
    const { object } = decodeBody(
      parseBody(call.body, call.contentType, kinds),
      call.kind,
      call.version,
      parseFieldValidation(call.query),
    );
    return object;
  }

  function createReview(call: ResourceCall, user: Identity): ResourceResult {
    return {
      form: 'plain',
      status: 201,
      body: answerReview({ objects: store, tokens: deps.tokens }, user, call.kind, decodeCall(call)),
    };
  }

  function sendResult(result: ResourceResult, call: ResourceCall, accept: string, writer: ResponseWriter): void {
    const { kind, version, query } = call;
    const table = tableRequest(accept, query);
    if (result.form === 'plain') return writer.json(result.status, result.body);
    if (result.form === 'object') {
      if (!table || call.subresource === 'scale') return writer.json(result.status, result.object);
      const metadata = { resourceVersion: result.object.metadata.resourceVersion };
      return writer.json(result.status, renderTable(kind, [result.object], metadata, table, clock.now()));
    }
    if (table) return writer.json(200, renderTable(kind, result.objects, result.metadata, table, clock.now()));
    // Items of a list do not repeat their kind.
    const items = result.objects.map(({ apiVersion: _, kind: __, ...rest }) =>
      kind.custom ? { apiVersion: _, kind: __, ...rest } : rest,
    );
    writer.json(200, {
      kind: `${kind.kind}List`,
      apiVersion: apiVersionOf(kind, version),
      metadata: result.metadata,
      items,
    });
  }

  function answerWatch(call: ResourceCall, accept: string, response: ServerResponse): void {
    const { kind, version, namespace, name, query } = call;
    const stop = serveWatch({ store, clock }, response, {
      kind,
      version,
      selection: parseSelection(kind, namespace, name, query),
      table: tableRequest(accept, query),
      resourceVersion: query.get('resourceVersion') ?? undefined,
      sendInitialEvents: flag(query, 'sendInitialEvents'),
      bookmarks: flag(query, 'allowWatchBookmarks'),
      timeoutSeconds: integer(query, 'timeoutSeconds'),
    });
    keepOpen(response, stop);
  }

  /** @returns whether the request was for one of them */
  function answerPodSubresource(call: ResourceCall, method: string, response: ServerResponse): boolean {
    if (call.kind.kind !== 'Pod') return false;
    if (call.subresource === 'log' && method === 'GET') {
      const pod = podOf(store, call.namespace, call.name ?? '');
      keepOpen(
        response,
        servePodLog(deps.pods, pod, call.query, response, () => clock.now()),
      );
      return true;
    }
    if (call.subresource === 'exec' || call.subresource === 'attach' || call.subresource === 'portforward') {
      // Without an upgrade there is nothing to stream over.
      locateContainer(store, deps.pods, call, call.query);
      throw badRequest('Upgrade request required');
    }
    return false;
  }

  function answerPlain(
    { segments, query }: RequestTarget,
    accept: string,
    method: string,
    writer: ResponseWriter,
  ): void {
    if (method !== 'GET' && method !== 'HEAD') throw methodNotAllowed(undefined);
    const [first, second, third, fourth] = segments;
    const path = segments.join('/');
    if (path === '')
      return writer.json(200, {
        paths: [
          '/.well-known/openid-configuration',
          '/api',
          '/api/v1',
          '/apis',
          '/healthz',
          '/livez',
          '/metrics',
          '/openapi/v2',
          '/openapi/v3',
          '/openid/v1/jwks',
          '/readyz',
          '/version',
        ],
      });
    if (path === 'healthz' || path === 'readyz' || path === 'livez') {
      return writer.text(200, query.has('verbose') ? `[+]ping ok\n${path} check passed\n` : 'ok');
    }
    // Not the API server's own, which are left out, but those that a Prometheus of the mesh would have.
    if (path === 'metrics') return writer.text(200, deps.metrics(), 'text/plain; version=0.0.4; charset=utf-8');
    // Kubernetes 1.36, pkg/serviceaccount/openidmetadata.go.
    if (path === '.well-known/openid-configuration') return writer.json(200, openIdConfiguration());
    if (path === 'openid/v1/jwks') {
      return writer.text(200, JSON.stringify(deps.tokens.keySet()), 'application/jwk-set+json');
    }
    // Upstream indents this one answer.
    if (path === 'version') return writer.text(200, JSON.stringify(SERVER_VERSION, null, 2), 'application/json');
    if (path === 'api' || path === 'apis') return answerGroups(path === 'api', accept, writer);
    if (first === 'api' && second !== undefined && third === undefined)
      return sendOr404(apiResourceList(kinds, '', second), writer);
    if (first === 'apis' && second !== undefined && third === undefined)
      return sendOr404(apiGroup(kinds, second), writer);
    if (first === 'apis' && second !== undefined && third !== undefined && fourth === undefined) {
      return sendOr404(apiResourceList(kinds, second, third), writer);
    }
    if (path === 'openapi/v2') return answerOpenApiV2(accept, writer);
    if (path === 'openapi/v3') return writer.json(200, openApiIndex(kinds));
    if (first === 'openapi' && second === 'v3') {
      const [root, ...rest] = segments.slice(2);
      const document =
        root === 'api'
          ? openApiDocument(kinds, '', rest[0] ?? '')
          : openApiDocument(kinds, rest[0] ?? '', rest[1] ?? '');
      if (document !== undefined) return writer.json(200, JSON.parse(document));
    }
    throw noSuchPath();
  }

  /** Kubernetes 1.32, k8s.io/kube-openapi/pkg/handler/handler.go: protobuf has a type of two spellings. */
  function answerOpenApiV2(accept: string, writer: ResponseWriter): void {
    if (!/application\/com\.github\.proto-openapi\.spec\.v2[@.]v1\.0\+protobuf/.test(accept))
      return writer.json(200, openApiV2Document(kinds));
    const contentType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
    writer.bytes(200, openApiV2Protobuf(kinds), contentType);
  }

  function sendOr404(body: object | undefined, writer: ResponseWriter): void {
    if (!body) throw noSuchPath();
    writer.json(200, body);
  }

  function answerGroups(core: boolean, accept: string, writer: ResponseWriter): void {
    const version = aggregatedVersion(accept);
    if (!version) return writer.json(200, core ? apiVersions() : apiGroupList(kinds));
    const contentType = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
    writer.json(200, aggregatedDiscovery(kinds, version, core), contentType);
  }

  return {
    handleRequest(request, response, authenticate = administrator) {
      const writer = createResponseWriter(request, response);
      response.on('error', () => response.destroy());
      answer(request, response, writer, authenticate).catch((error: unknown) => {
        // Reading a body fails when the client goes away: then there is nobody to answer.
        if (request.destroyed && !request.complete && !(error instanceof ApiError)) return void response.destroy();
        writer.fail(error);
        // What the client still sends is not read: without this the connection would wait for it.
        if (error instanceof ApiError && error.code === 413) request.destroy();
      });
    },
    handleUpgrade(request, socket, head, authenticate = administrator) {
      upgrades.handle(request, socket, head, authenticate);
    },
    dispose() {
      for (const stop of open) stop();
      open.clear();
      upgrades.dispose();
    },
  };
}

function openIdConfiguration(): object {
  return {
    issuer: TOKEN_ISSUER,
    jwks_uri: `https://${NODE_IP}:${API_PORT}/openid/v1/jwks`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
  };
}

function knowsSubresource(kind: Kind, name: string): boolean {
  if (name === 'status') return kind.status === true;
  if (name === 'scale') return kind.scale === true;
  return kind.subresources?.some((one) => one.name === name) ?? false;
}

/** Kubernetes 1.32, k8s.io/apiserver/pkg/endpoints/handlers/create.go, managerOrUserAgent. */
function managerOf(request: IncomingMessage, query: URLSearchParams): string {
  const agent = (request.headers['user-agent'] ?? 'unknown').split('/')[0] ?? 'unknown';
  return (query.get('fieldManager') || agent).slice(0, 128);
}
