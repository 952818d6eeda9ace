package io.github.pgpure;

import java.util.Locale;

/**
 * In which order hosts and their addresses are tried, with libpq's meaning of {@code load_balance_hosts}
 * (<a href="https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-LOAD-BALANCE-HOSTS">manual</a>).
 */
public enum LoadBalanceHosts {
    /** In the order given, and the addresses of a host as name resolution has them; the default. */
    DISABLE,
    /** In a random order, of the hosts and of each one's addresses, drawn anew for each connection. */
    RANDOM;

    /** The spelling of connection strings. */
    public String keyword() {
        return name().toLowerCase(Locale.ROOT);
    }
}
