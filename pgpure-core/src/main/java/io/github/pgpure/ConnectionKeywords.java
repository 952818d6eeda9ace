package io.github.pgpure;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The keywords of connection strings
 * (<a href="https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS">manual</a>), and some of pgpure's
 * own: {@code allow_cleartext_password}, {@code query_timeout}, {@code statement_cache_size} and {@code transaction_pooling}.
 */
final class ConnectionKeywords {

    private static final Set<String> SUPPORTED = new TreeSet<>(Set.of(
            "host",
            "hostaddr",
            "port",
            "load_balance_hosts",
            "target_session_attrs",
            "dbname",
            "user",
            "password",
            "passfile",
            "service",
            "servicefile",
            "require_auth",
            "channel_binding",
            "allow_cleartext_password",
            "sslmode",
            "sslnegotiation",
            "sslrootcert",
            "sslcert",
            "sslkey",
            "sslpassword",
            "sslcertmode",
            "sslcrl",
            "sslcrldir",
            "sslsni",
            "ssl_min_protocol_version",
            "ssl_max_protocol_version",
            "requirepeer",
            "connect_timeout",
            "keepalives",
            "keepalives_idle",
            "keepalives_interval",
            "keepalives_count",
            "min_protocol_version",
            "max_protocol_version",
            "application_name",
            "fallback_application_name",
            "options",
            "client_encoding",
            "query_timeout",
            "statement_cache_size",
            "transaction_pooling"));

    /** libpq's other keywords with those values that ask for what pgpure does anyway. */
    private static final Map<String, Set<String>> NOT_SUPPORTED = Map.ofEntries(
            Map.entry("gssdelegation", Set.of("0")),
            Map.entry("gssencmode", Set.of("disable", "prefer")),
            Map.entry("gsslib", Set.of()),
            Map.entry("krbsrvname", Set.of()),
            Map.entry("oauth_client_id", Set.of()),
            Map.entry("oauth_client_secret", Set.of()),
            Map.entry("oauth_issuer", Set.of()),
            Map.entry("oauth_scope", Set.of()),
            Map.entry("replication", Set.of("false", "off", "no", "0")),
            Map.entry("scram_client_key", Set.of()),
            Map.entry("scram_server_key", Set.of()),
            Map.entry("sslcompression", Set.of("0")),
            Map.entry("sslkeylogfile", Set.of()),
            Map.entry("tcp_user_timeout", Set.of("0")));

    /** What other drivers call it. */
    private static final Map<String, String> ELSEWHERE = Map.ofEntries(
            Map.entry("applicationname", "application_name"),
            Map.entry("channelbinding", "channel_binding"),
            Map.entry("connecttimeout", "connect_timeout"),
            Map.entry("currentschema", "options=-csearch_path=…"),
            Map.entry("database", "dbname"),
            Map.entry("db", "dbname"),
            Map.entry("hostname", "host"),
            Map.entry("logintimeout", "connect_timeout"),
            Map.entry("preparedstatementcachequeries", "statement_cache_size"),
            Map.entry("pwd", "password"),
            Map.entry("search_path", "options=-csearch_path=…"),
            Map.entry("server", "host"),
            Map.entry("sockettimeout", "query_timeout"),
            Map.entry("requireauth", "require_auth"),
            Map.entry("ssl", "sslmode"),
            Map.entry("tcpkeepalive", "keepalives"),
            Map.entry("statement_timeout", "query_timeout, or options=-cstatement_timeout=…"),
            Map.entry("targetservertype", "target_session_attrs"),
            Map.entry("username", "user"));

    private ConnectionKeywords() {}

    /**
     * Makes sure that a keyword is known.
     *
     * @param previous the keyword before it: what follows a password may be its rest, and is not shown
     * @param start where it begins, counted from 0
     */
    static void check(String keyword, String previous, int start) {
        if (isKnown(keyword)) {
            return;
        }
        String at = "the keyword at character " + (start + 1) + " of the connection string";
        if (previous.equals("password") || previous.equals("sslpassword")) {
            throw new IllegalArgumentException(
                    at + " is not known; if it belongs to the password, put the password in single"
                            + " quotes, or in a URI write & as %26; known are " + SUPPORTED);
        }
        throw new IllegalArgumentException(at + ", \"" + keyword + "\", is not known; did you mean " + nearest(keyword)
                + "? Known are " + SUPPORTED);
    }

    /** Those that have an effect. */
    static Set<String> supported() {
        return SUPPORTED;
    }

    /** libpq's others, which are refused unless they ask for what is done anyway. */
    static Set<String> refused() {
        return NOT_SUPPORTED.keySet();
    }

    static boolean isKnown(String keyword) {
        return SUPPORTED.contains(keyword) || NOT_SUPPORTED.containsKey(keyword);
    }

    /**
     * Refuses a setting that pgpure cannot fulfil.
     *
     * @throws IllegalArgumentException when it asks for something that pgpure does not do
     */
    static void refuseUnsupported(String keyword, String value) {
        Set<String> harmless = NOT_SUPPORTED.get(keyword);
        if (harmless != null && !value.isEmpty() && !harmless.contains(value)) {
            String instead = switch (keyword) {
                case "tcp_user_timeout" ->
                    ": Java has no such socket option; use query_timeout, and keepalives_idle, keepalives_interval and"
                            + " keepalives_count";
                case "oauth_client_id", "oauth_client_secret", "oauth_issuer", "oauth_scope" ->
                    ": get the token by yourself and give it by PgConnectOptions.builder().credentials(…)";
                case "scram_client_key", "scram_server_key" -> ": give the password";
                default ->
                    harmless.isEmpty()
                            ? ""
                            : " with another value than " + String.join(" or ", new TreeSet<>(harmless));
            };
            throw new IllegalArgumentException(
                    "\"" + keyword + "\" in the connection string is not supported" + instead);
        }
        if (keyword.equals("client_encoding") && !value.isEmpty() && !isUtf8(value)) {
            throw new IllegalArgumentException("client_encoding must be UTF8, not \"" + value
                    + "\": Java's strings are Unicode, and the server converts to and from the database's encoding");
        }
    }

    static boolean isUtf8(String encoding) {
        String name = encoding.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
        return name.equals("utf8") || name.equals("unicode");
    }

    private static String nearest(String keyword) {
        String lower = keyword.toLowerCase(Locale.ROOT);
        String elsewhere = ELSEWHERE.get(lower);
        if (elsewhere != null) {
            return elsewhere;
        }
        String best = "";
        int bestDistance = Integer.MAX_VALUE;
        for (String known : SUPPORTED) {
            int distance = distance(lower, known);
            if (distance < bestDistance) {
                best = known;
                bestDistance = distance;
            }
        }
        return best;
    }

    /** How many letters have to be put in, left out or replaced. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
