import { LIST_CHANGED, resourceUpdated, type ChangeableList } from '../shared/changeable-lists.js';
import type { Session } from '../sessions/session.js';
import type { Tenant } from './tenant.js';

/** Tells the clients of one tenant that something has changed; nobody else hears of it. */
export interface TenantNotifier {
  /** Sends `notifications/tools/list_changed`. */
  toolsChanged(): void;
  /** Sends `notifications/prompts/list_changed`. */
  promptsChanged(): void;
  /** Sends `notifications/resources/list_changed`. */
  resourcesChanged(): void;
  /** Sends `notifications/resources/updated` to the sessions that have subscribed to the resource. */
  resourceUpdated(uri: string): void;
}

export function tenantNotifier(tenant: Tenant): TenantNotifier {
  const listChanged = (list: ChangeableList): void => {
    tenant.notify(
      LIST_CHANGED[list],
      ({ record }: Session): boolean => record !== undefined && list in record.capabilities,
    );
  };
  return {
    toolsChanged: () => {
      listChanged('tools');
    },
    promptsChanged: () => {
      listChanged('prompts');
    },
    resourcesChanged: () => {
      listChanged('resources');
    },
    resourceUpdated: (uri) => {
      tenant.notify(resourceUpdated(uri), ({ record }) => record?.subscriptions.includes(uri) === true);
    },
  };
}
