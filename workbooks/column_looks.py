"""How each column of an output sheet is shown, and how wide: read by workbooks.layout."""

COLUMNS = """
    region:text/9 order_no:code/17 order_date:date/11.5 partner_code:code/12 partner_name:text/24
    product_code:code/12 product_name:text/26 unit:text/7.5 quantity:quantity/9 unit_price:price/9.5
    discount:rate/8 amount:money/13 line_type:text/8 campaign:code/12.5 remark:text/20 clerk:text/10.5
    level:text/7.5 list_price:price/9.5 effective_discount:rate/9.5 floor:rate/9.5 ship:quantity/9.5
    reserved:quantity/9.5 short:quantity/9.5 decision:decision/9 rules:text/26 source_file:text/28
    source_sheet:text/14 source_row:link/9.5 lines.order_no:code/16.5 lines.partner_name:text/20
    lines.product_name:text/22 lines.remark:text/14 lines.rules:text/22 lines.source_file:text/22
    lines.source_sheet:text/12 rule:text/23 rule_name:text/17 effect:effect/9 says:sentence/54 do:sentence/44
    actual:text/14 expected:text/14 money:money/13 on_hand:quantity/10.5 allocated:quantity/10.5
    available:quantity/10.5 ordered:quantity/10.5 unscheduled:quantity/11.5 left:quantity/10.5
    in_transit:quantity/9.5 eta:date/15.5 supply_quantity:quantity/11.5 registered:date/12 replaced_by:code/13
    transfers.remark:sentence/48 partner_total:money/18 funds:money/15 difference:money/15 judgement:text/12.5
    confirmation:text/12.5 reason:text/9 status:text/13.5 cell:text/9.5 problem:text/18 value:text/24
    rows:count/9.5 accepted:count/10.5 rejected:count/10.5 control.quantity:quantity/13 control.amount:money/16
    stated_amount:money/16 stated_quantity:quantity/16 rejected_quantity:quantity/12.5 rejected_amount:money/14
    verdict:text/9.5 stated_verdict:text/14 lines.value:money/14
    request_no:code/14 request_date:date/11.5 applicant:text/12 material_code:code/12 material_name:text/20 spec:text/18
    base:text/14 approved:quantity/10 shipped:quantity/10 unshipped:quantity/10 pending:quantity/10
    cancelled:quantity/10 lines:count/9 open:count/9 oldest:quantity/10.5 age:quantity/8 band:text/11 fresh:count/9.5
    waiting:count/10.5 late:count/11.5 undated:count/9.5 severity:text/8 packaging_lines.status:text/10
    packaging_open.rules:text/22 packaging_lines.rules:text/22 packaging_findings.rule:text/25
    packaging_findings.says:sentence/50 packaging_findings.do:sentence/40 packaging_lines.quantity:quantity/10
    packaging_open.quantity:quantity/10 packaging_base.remark:text/24
    days_open:quantity/9.5 transfers.status:text/16 tracker_remark:text/30 source_day:date/11.5
    pending.rule:text/17 pending.says:sentence/46 pending.do:sentence/30 pending.lines:count/7 may:sentence/26
    pending.verdict:text/10 approver:text/10 role:text/12 approved_on:date/12 pending.reason:text/26
    judged:text/16 as_of:date/11.5
    recorded:date/12 approvals.rule:text/17 approvals.verdict:text/10 approvals.reason:text/30 outcome:text/10
    invoice_kind:text/9.5 base_data:text/24 state:text/13 requests:count/8 asked:money/13 tax:money/12 net:money/13
    in_form:money/13 issued:money/13 held_back:money/13 unasked:money/13 billable:money/13 invoices.lines:count/8
    invoices.difference:money/12 invoice_requests.rules:text/24 invoice_requests.difference:money/12
    serial:code/22 invoice_title:text/26 tax_id:code/21 price:price/9.5 tax_rate:rate/7.5 tax_code:code/21
    invoice_lines.rules:text/20 asked_at:text/34 invoice_lines.amount:money/12 invoice_findings.rule:text/21
    invoice_findings.actual:text/21 invoice_findings.says:sentence/54 invoice_findings.do:sentence/42
    change:text/13 changes:sentence/36 before:decision/9 resolved:text/24 remaining:text/24 appeared:text/24
    sent_back.says:sentence/52 sent_back.do:sentence/40 sent_back.may:sentence/24 back_day:date/11.5 back_file:text/22
    back_sheet:text/13 back_row:link/9 back_round:count/10.5 ordered:quantity/10.5 moved.ordered:quantity/9.5
    moved.says:sentence/52 before_rules:text/24 moved.eta:date/15 sent_back.partner_name:text/18
    sent_back.product_name:text/20 sent_back.remark:text/12 as_sent.partner_name:text/18 as_sent.product_name:text/20
    as_sent.remark:text/12 sent_back.rules:text/20 resubmitted.product_name:text/20
"""
"""name:look/width of a column wherever it stands (workbooks.layout.Look, characters); sheet.name where one differs."""
