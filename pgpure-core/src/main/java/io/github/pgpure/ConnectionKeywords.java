package io.github.pgpure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The keywords of connection strings
 * (<a href="https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS">manual</a>), and two of pgpure's
 * own: {@code query_timeout} (seconds, or with a unit: {@code 250ms}, {@code 5s}, {@code 2min}) and {@code
 * statement_cache_size}.
 *
 * <p>An empty value means the default. Where libpq's default is a Unix socket, ours is {@code localhost}. {@code hostaddr} is
 * taken for the host where no {@code host} is given; both together are not supported yet.
 */
final class ConnectionKeywords {

    private static final Set<String> SUPPORTED = new TreeSet<>(Set.of(
            "host",
            "hostaddr",
            "port",
            "dbname",
            "user",
            "password",
            "connect_timeout",
            "sslmode",
            "target_session_attrs",
            "application_name",
            "fallback_application_name",
            "options",
            "client_encoding",
            "query_timeout",
            "statement_cache_size"));

    /** libpq's other keywords with those values that ask for what pgpure does anyway. */
    private static final Map<String, Set<String>> NOT_SUPPORTED_YET = Map.ofEntries(
            Map.entry("channel_binding", Set.of("prefer")),
            Map.entry("gssdelegation", Set.of("0")),
            Map.entry("gssencmode", Set.of("disable", "prefer")),
            Map.entry("gsslib", Set.of()),
            Map.entry("keepalives", Set.of("1")),
            Map.entry("keepalives_count", Set.of()),
            Map.entry("keepalives_idle", Set.of()),
            Map.entry("keepalives_interval", Set.of()),
            Map.entry("krbsrvname", Set.of()),
            Map.entry("load_balance_hosts", Set.of("disable")),
            Map.entry("max_protocol_version", Set.of("3.0")),
            Map.entry("min_protocol_version", Set.of("3.0")),
            Map.entry("oauth_client_id", Set.of()),
            Map.entry("oauth_client_secret", Set.of()),
            Map.entry("oauth_issuer", Set.of()),
            Map.entry("oauth_scope", Set.of()),
            Map.entry("passfile", Set.of()),
            Map.entry("replication", Set.of("false", "off", "no", "0")),
            Map.entry("require_auth", Set.of()),
            Map.entry("requirepeer", Set.of()),
            Map.entry("scram_client_key", Set.of()),
            Map.entry("scram_server_key", Set.of()),
            Map.entry("service", Set.of()),
            Map.entry("servicefile", Set.of()),
            Map.entry("ssl_max_protocol_version", Set.of()),
            Map.entry("ssl_min_protocol_version", Set.of()),
            Map.entry("sslcert", Set.of()),
            Map.entry("sslcertmode", Set.of()),
            Map.entry("sslcompression", Set.of("0")),
            Map.entry("sslcrl", Set.of()),
            Map.entry("sslcrldir", Set.of()),
            Map.entry("sslkey", Set.of()),
            Map.entry("sslkeylogfile", Set.of()),
            Map.entry("sslnegotiation", Set.of("postgres")),
            Map.entry("sslpassword", Set.of()),
            Map.entry("sslrootcert", Set.of()),
            Map.entry("sslsni", Set.of("1")),
            Map.entry("tcp_user_timeout", Set.of()));

    /** What other drivers call it. */
    private static final Map<String, String> ELSEWHERE = Map.ofEntries(
            Map.entry("applicationname", "application_name"),
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
            Map.entry("ssl", "sslmode"),
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
        if (SUPPORTED.contains(keyword) || NOT_SUPPORTED_YET.containsKey(keyword)) {
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

    /** Makes a builder of these settings. */
    static PgConnectOptions.Builder apply(Map<String, String> settings) {
        settings.forEach(ConnectionKeywords::refuseUnsupported);
        var builder = PgConnectOptions.builder().hosts(hosts(settings));
        String user = value(settings, "user");
        if (user != null) {
            builder.username(user);
        }
        builder.password(value(settings, "password"));
        String database = value(settings, "dbname");
        if (database != null) {
            builder.database(database);
        }
        String applicationName = value(settings, "application_name");
        if (applicationName == null) {
            applicationName = value(settings, "fallback_application_name");
        }
        if (applicationName != null) {
            builder.applicationName(applicationName);
        }
        String options = value(settings, "options");
        if (options != null) {
            builder.startupParameter("options", options);
        }
        String sslMode = value(settings, "sslmode");
        if (sslMode != null) {
            builder.sslMode(choose("sslmode", sslMode, SslMode.values(), SslMode::keyword));
        }
        String attrs = value(settings, "target_session_attrs");
        if (attrs != null) {
            builder.targetSessionAttrs(
                    choose("target_session_attrs", attrs, TargetSessionAttrs.values(), TargetSessionAttrs::keyword));
        }
        String connectTimeout = value(settings, "connect_timeout");
        if (connectTimeout != null) {
            int seconds = number("connect_timeout", connectTimeout, " (seconds)");
            // To libpq, zero and less mean to wait without a limit: 68 years are as good.
            builder.connectTimeout(Duration.ofSeconds(seconds > 0 ? seconds : Integer.MAX_VALUE));
        }
        String queryTimeout = value(settings, "query_timeout");
        if (queryTimeout != null) {
            builder.queryTimeout(duration(queryTimeout));
        }
        String cacheSize = value(settings, "statement_cache_size");
        if (cacheSize != null) {
            builder.statementCacheSize(number("statement_cache_size", cacheSize, ""));
        }
        return builder;
    }

    private static void refuseUnsupported(String keyword, String value) {
        Set<String> harmless = NOT_SUPPORTED_YET.get(keyword);
        if (harmless != null && !value.isEmpty() && !harmless.contains(value)) {
            String instead = switch (keyword) {
                case "sslrootcert", "sslcert", "sslkey", "sslpassword", "sslcrl", "sslcrldir" ->
                    ": set an SSLContext on PgConnectOptions.builder()";
                case "passfile", "service", "servicefile" -> ": give its settings here";
                default ->
                    harmless.isEmpty()
                            ? ""
                            : " with another value than " + String.join(" or ", new TreeSet<>(harmless));
            };
            throw new IllegalArgumentException(
                    "\"" + keyword + "\" in the connection string is not supported yet" + instead);
        }
        if (keyword.equals("client_encoding") && !value.isEmpty() && !isUtf8(value)) {
            throw new IllegalArgumentException("client_encoding must be UTF8, not \"" + value
                    + "\": Java's strings are Unicode, and the server converts to and from the database's encoding");
        }
    }

    private static List<PgHost> hosts(Map<String, String> settings) {
        String name = value(settings, "host");
        String address = value(settings, "hostaddr");
        if (name != null && address != null) {
            throw new IllegalArgumentException(
                    "\"hostaddr\" together with \"host\" in the connection string is not supported"
                            + " yet: give the address as host, or leave it to name resolution");
        }
        String[] names = split(address != null ? address : name);
        String[] ports = split(value(settings, "port"));
        if (ports.length != 1 && ports.length != names.length) {
            throw new IllegalArgumentException(
                    "the connection string has " + ports.length + " ports for " + names.length
                            + (names.length == 1 ? " host" : " hosts") + ": give one port, or one for each host");
        }
        var hosts = new ArrayList<PgHost>(names.length);
        for (int i = 0; i < names.length; i++) {
            String host = names[i].isEmpty() ? "localhost" : names[i];
            if (host.startsWith("@")) {
                throw new IllegalArgumentException(
                        "a Unix socket in the abstract namespace is not supported yet, as host " + (i + 1)
                                + " of the connection string asks for");
            }
            hosts.add(new PgHost(host, port(ports[ports.length == 1 ? 0 : i], i)));
        }
        return hosts;
    }

    private static int port(String text, int index) {
        if (text.isBlank()) {
            return PgConnectOptions.DEFAULT_PORT;
        }
        try {
            return Integer.parseInt(text.strip());
        } catch (NumberFormatException e) {
            // Not shown: in a URI it may be the beginning of a password that has a slash.
            throw new IllegalArgumentException("port " + (index + 1) + " in the connection string is not a number");
        }
    }

    private static String[] split(@Nullable String list) {
        return list == null ? new String[] {""} : list.split(",", -1);
    }

    private static @Nullable String value(Map<String, String> settings, String keyword) {
        String value = settings.get(keyword);
        return value == null || value.isEmpty() ? null : value;
    }

    private static <E> E choose(String keyword, String value, E[] choices, Function<E, String> spelling) {
        for (E choice : choices) {
            if (spelling.apply(choice).equals(value)) {
                return choice;
            }
        }
        throw new IllegalArgumentException(keyword + " must be one of "
                + Arrays.stream(choices).map(spelling).toList() + ", not \"" + value + "\"");
    }

    private static int number(String keyword, String value, String unit) {
        try {
            return Integer.parseInt(value.strip());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(keyword + " must be a whole number" + unit + ", not \"" + value + "\"");
        }
    }

    private static Duration duration(String value) {
        String text = value.strip();
        int digits = 0;
        while (digits < text.length() && Character.isDigit(text.charAt(digits))) {
            digits++;
        }
        try {
            long number = Long.parseLong(text.substring(0, digits));
            return switch (text.substring(digits).strip()) {
                case "ms" -> Duration.ofMillis(number);
                case "", "s" -> Duration.ofSeconds(number);
                case "min" -> Duration.ofMinutes(number);
                default -> throw new NumberFormatException();
            };
        } catch (NumberFormatException | ArithmeticException e) {
            throw new IllegalArgumentException(
                    "query_timeout must be a number of seconds, or one with ms, s or min, not \"" + value + "\"");
        }
    }

    private static boolean isUtf8(String encoding) {
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
