/**
 * Requests that ask or steer a node or the cluster and touch no object: node list, cluster info,
 * format, statistics. Start at {@link io.sheepdog.core.admin.AdminRequests}. Core loop only.
 */
@NullMarked
package io.sheepdog.core.admin;

import org.jspecify.annotations.NullMarked;
