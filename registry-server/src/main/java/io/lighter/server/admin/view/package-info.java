/**
 * What an operator sees of a running server: one class for each document of the admin API, and the
 * page is made of nothing else. Views read what services and the store know anyway; they keep
 * nothing of their own but what is too dear to be read for each request.
 *
 * <p>Records within a view are its document: their names are the names in JSON.
 */
@NullMarked
package io.lighter.server.admin.view;

import org.jspecify.annotations.NullMarked;
