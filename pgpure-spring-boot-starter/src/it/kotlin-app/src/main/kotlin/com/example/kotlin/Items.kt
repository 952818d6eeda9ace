package com.example.kotlin

import io.github.pgpure.PgConnectOptions
import io.github.pgpure.PgPoolOptions
import io.github.pgpure.Query
import io.github.pgpure.Row
import io.github.pgpure.TransactionOptions
import io.github.pgpure.pool.PgPool
import io.github.pgpure.spring.PgKeyHolder
import io.github.pgpure.spring.PgListener
import io.github.pgpure.spring.PgListenerGapEvent
import io.github.pgpure.spring.PgTemplate
import java.time.Duration
import java.util.stream.Stream
import kotlin.jvm.optionals.getOrNull
import org.springframework.context.event.EventListener
import org.springframework.transaction.annotation.Transactional

data class Item(val id: Long, val name: String, val price: Int?)

open class Items(private val pg: PgTemplate) {

    fun find(id: Long): Item? =
        pg.sql("select * from item where id = :id").param("id", id).query(Item::class.java).optional().getOrNull()

    fun all(): List<Item> = pg.sql("select * from item").query { row -> row.toItem() }.list()

    fun names(): Stream<String> = pg.sql("select name from item").query(String::class.java).stream()

    @Transactional
    open fun add(name: String, price: Int?): Long {
        val keys = PgKeyHolder()
        pg.sql("insert into item (name, price) values (:name, :price)")
            .param("name", name)
            .param("price", price) // may be null
            .update(keys, "id")
        return keys.key(Long::class.javaObjectType)
    }

    fun rename(id: Long, name: String): Boolean =
        pg.execute("update item set name = $1 where id = $2", name, id) == 1L

    @PgListener(channels = ["items"], concurrency = 2)
    fun changed(item: Item) {
        println(item.name)
    }

    @EventListener
    fun missed(event: PgListenerGapEvent) = println(event.channel())
}

/** A column can be null and Kotlin says so: without the `?` and the `!!` this does not compile. */
private fun Row.toItem(): Item {
    val price: Int? = get("price", Int::class.javaObjectType)
    return Item(getLong("id"), getString("name")!!, price)
}

fun main() {
    val connect = PgConnectOptions.builder().host("localhost").username("app").password(null).build()
    val options = PgPoolOptions.builder().maxConnections(4).acquireTimeout(Duration.ofSeconds(5)).build()
    PgPool.open(connect, options).use { pool ->
        val sum: Long = pool.inTransaction(TransactionOptions.defaults().readOnly(true)) { tx ->
            tx.stream(Query.of("select * from item").timeout(Duration.ofSeconds(3))).use { rows ->
                rows.sumOf { row -> row.getLong("id") }
            }
        }
        println(sum)
        pool.listen("items") { notification -> println(notification.payload()) }.use {
            pool.execute("notify items")
        }
    }
}
