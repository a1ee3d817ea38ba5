create table t(a integer primary key, b text, c real);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000)
    insert into t select i, printf('row %d', i), sqrt(i) from n;
select count(*), sum(a), round(avg(c), 6) from t;
select b, c from t where a in (4, 9, 10000) order by a desc;
create index x on t(b);
explain query plan select * from t where b = 'row 77';
select group_concat(b, ',') from (select b from t where b like 'row 1234%');
select json_extract('{"a":[1,2.5,"x"]}', '$.a[1]'), 1e100, 0.1 + 0.2, -9223372036854775808;
