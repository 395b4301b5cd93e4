/** Administrative requests against an agent in a simulated cluster. Single thread. */
@NullMarked
package io.sheepdog.core.admin;

import org.jspecify.annotations.NullMarked;
