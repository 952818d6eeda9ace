package io.github.pgpure;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The form {@code postgresql://user:password@host:port,host:port/dbname?keyword=value&…} of a connection string
 * (<a href="https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS">manual</a>).
 *
 * <p>Every part may be missing or percent-encoded. What is given after the {@code ?} replaces what was given before it.
 */
final class ConnectionUri {

    private static final String RESERVED = "in a password, write / as %2F, @ as %40, : as %3A, ? as %3F and % as %25";

    private final String uri;
    private int at;
    private final Map<String, String> settings = new LinkedHashMap<>();

    private ConnectionUri(String uri, int start) {
        this.uri = uri;
        this.at = start;
    }

    static boolean isUri(String text) {
        return text.startsWith("postgresql://") || text.startsWith("postgres://");
    }

    /** The settings; several hosts and ports are lists with commas, as after the {@code ?}. */
    static Map<String, String> parse(String uri) {
        return new ConnectionUri(uri, uri.indexOf("://") + 3).run();
    }

    private Map<String, String> run() {
        userInfo();
        int query = uri.indexOf('?', at);
        if (uri.substring(at, query < 0 ? uri.length() : query).indexOf('@') >= 0) {
            // Otherwise a part of a password with an unencoded character would be taken for a host or database, and
            // shown.
            throw new IllegalArgumentException(
                    "the connection URI has an \"@\" where host, port and database are: " + RESERVED);
        }
        hosts();
        if (at < uri.length() && uri.charAt(at) == '/') {
            at++;
            put("dbname", until("?"), "database");
        }
        if (at < uri.length()) {
            at++;
            query();
        }
        return settings;
    }

    private void userInfo() {
        int end = at;
        while (end < uri.length() && uri.charAt(end) != '@' && uri.charAt(end) != '/') {
            end++;
        }
        if (end == uri.length() || uri.charAt(end) != '@') {
            return;
        }
        put("user", until(":@"), "user name");
        if (uri.charAt(at) == ':') {
            at++;
            put("password", until("@"), "password");
        }
        at++;
    }

    private void hosts() {
        var hosts = new StringBuilder();
        var ports = new StringBuilder();
        while (true) {
            hosts.append(host());
            if (at < uri.length() && uri.charAt(at) == ':') {
                at++;
                ports.append(until("/?,"));
            }
            if (at == uri.length() || uri.charAt(at) != ',') {
                break;
            }
            at++;
            hosts.append(',');
            ports.append(',');
        }
        put("host", hosts.toString(), "host");
        put("port", ports.toString(), "port");
    }

    private String host() {
        if (at == uri.length() || uri.charAt(at) != '[') {
            return until(":/?,");
        }
        int close = uri.indexOf(']', at);
        if (close < 0) {
            throw new IllegalArgumentException("the connection URI lacks the \"]\" that ends an IPv6 address");
        }
        if (close == at + 1) {
            throw new IllegalArgumentException("the connection URI has an empty IPv6 address");
        }
        String address = uri.substring(at + 1, close);
        at = close + 1;
        if (at < uri.length() && ":/?,".indexOf(uri.charAt(at)) < 0) {
            throw new IllegalArgumentException(
                    "the connection URI needs \":\", \",\", \"/\" or \"?\" after the IPv6 address, at character "
                            + (at + 1));
        }
        return address;
    }

    private void query() {
        String previous = "";
        while (at < uri.length()) {
            int start = at;
            String parameter = until("&");
            at++;
            int equals = parameter.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException(
                        "the connection URI has no \"=\" in the parameter at character " + (start + 1));
            }
            if (parameter.indexOf('=', equals + 1) >= 0) {
                throw new IllegalArgumentException(
                        "the connection URI has a second \"=\" in the parameter at character " + (start + 1)
                                + ": within a value it is written %3D");
            }
            String keyword =
                    decode(parameter.substring(0, equals), "name of the parameter at character " + (start + 1));
            String value =
                    decode(parameter.substring(equals + 1), "value of the parameter at character " + (start + 1));
            if (keyword.equals("ssl") && value.equals("true")) {
                keyword = "sslmode"; // as libpq, for those who come from JDBC
                value = "require";
            }
            ConnectionKeywords.check(keyword, previous, start);
            settings.put(keyword, value);
            previous = keyword;
        }
    }

    private void put(String keyword, String encoded, String part) {
        if (!encoded.isEmpty()) {
            settings.put(keyword, decode(encoded, part));
        }
    }

    private String until(String stops) {
        int start = at;
        while (at < uri.length() && stops.indexOf(uri.charAt(at)) < 0) {
            at++;
        }
        return uri.substring(start, at);
    }

    private static String decode(String encoded, String part) {
        String text = encoded.strip();
        if (text.indexOf(' ') >= 0) {
            throw new IllegalArgumentException("the " + part + " in the connection URI has a space: write it as %20");
        }
        if (text.indexOf('%') < 0) {
            return text;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        var decoded = new ByteArrayOutputStream(bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != '%') {
                decoded.write(bytes[i]);
                continue;
            }
            int high = i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
            int low = i + 2 < bytes.length ? Character.digit(bytes[i + 2], 16) : -1;
            if (high < 0 || low < 0) {
                throw new IllegalArgumentException("the " + part
                        + " in the connection URI has a % without two hexadecimal digits: write % itself as %25");
            }
            if (high == 0 && low == 0) {
                throw new IllegalArgumentException(
                        "the " + part + " in the connection URI has a %00, which is not allowed");
            }
            decoded.write(high << 4 | low);
            i += 2;
        }
        return decoded.toString(StandardCharsets.UTF_8);
    }
}
