import { route, type Route } from '../route';
import { service, type Service } from '../schemas/service';

export interface ServiceRoutesOptions {
  readonly serviceFacts: Service;
}

export const serviceRoutes = ({ serviceFacts }: ServiceRoutesOptions): Route[] => [
  route({
    method: 'get',
    path: '/service',
    tag: 'Service',
    summary: 'How this service was started: what its settings are, without any secret',
    access: 'owner',
    status: 200,
    answer: service,
    handle: () => Promise.resolve(serviceFacts),
  }),
];
