package io.github.pgpure.pool;

import io.github.pgpure.connection.Session;

/**
 * A session that has logged in and is no connection of the pool yet.
 *
 * @param generation the pool's, from before it logged in: what has been done since to all connections is done to this one too
 * @param hostGeneration the same of its host
 */
record NewSession(Session session, int generation, HostState host, int hostGeneration) {}
