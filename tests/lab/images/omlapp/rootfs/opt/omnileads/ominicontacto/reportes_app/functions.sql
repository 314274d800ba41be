-- Events of Asterisk's queues become rows of the reports. Agents are written as agent_<id>, queues as <id>_<name>.
create or replace function insert_queue_log_ominicontacto_queue_log() returns trigger as $body$
  my $new = $_TD->{new};
  my ($agent) = $new->{agent} =~ /(\d+)$/;
  my ($campaign) = $new->{queuename} =~ /^(\d+)/;
  if ($new->{event} =~ /^(ADDMEMBER|REMOVEMEMBER|PAUSEALL|UNPAUSEALL)$/) {
    my $plan = spi_prepare('insert into reportes_app_actividadagentelog (time, agente_id, event, pausa_id)
      values ($1, $2, $3, $4)', 'timestamptz', 'int4', 'varchar', 'varchar');
    spi_exec_prepared($plan, $new->{time}, $agent, $new->{event}, $new->{data1});
    spi_freeplan($plan);
  } else {
    my $plan = spi_prepare('insert into reportes_app_llamadalog
      (time, callid, campana_id, agente_id, event, archivo_grabacion) values ($1, $2, $3, $4, $5, $6)',
      'timestamptz', 'varchar', 'int4', 'int4', 'varchar', 'varchar');
    spi_exec_prepared($plan, $new->{time}, $new->{callid}, $campaign, $agent, $new->{event}, $new->{data5});
    spi_freeplan($plan);
  }
  return;
$body$ language plperl;

drop trigger if exists trigger_queue_log on queue_log;
create trigger trigger_queue_log after insert on queue_log
  for each row execute function insert_queue_log_ominicontacto_queue_log();
